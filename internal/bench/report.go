package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"

	"github.com/licenseledger/licenseledger/jobs"
)

// report is what one run found.
type report struct {
	Date    string      `json:"date,omitempty"`
	Command string      `json:"command"`
	Machine [][2]string `json:"machine"`
	Figures []figure    `json:"figures"`
	Sizes   []size      `json:"sizes,omitempty"`
}

// figure is one comparison.
type figure struct {
	Letter string `json:"letter"`
	What   string `json:"what"`
	Target string `json:"target,omitempty"`
	samples
}

// samples are the rounds of a comparison; where nothing is compared, the
// ratios are the figures themselves.
type samples struct {
	Ratios []float64 `json:"ratios"`
	Ours   []float64 `json:"ours,omitempty"`
	Base   []float64 `json:"base,omitempty"`
}

func (s *samples) add(ours, base float64) {
	s.Ratios, s.Ours, s.Base = append(s.Ratios, ours/base), append(s.Ours, ours), append(s.Base, base)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// number writes three digits or more.
func number(x float64) string {
	switch {
	case x >= 1000:
		return thousands(int(x + 0.5))
	case x >= 100:
		return fmt.Sprintf("%.0f", x)
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}

// lines are the ratios alone, for programs.
func (r report) lines() string {
	var t, latency strings.Builder
	for _, f := range r.Figures {
		switch value := median(f.Ratios); {
		case strings.HasPrefix(f.Letter, "E"):
			fmt.Fprintf(&latency, " %.1f", value)
		case f.Letter == "A" || f.Letter == "C":
			fmt.Fprintf(&t, "%s %.2f\n", f.Letter, value)
		case f.Letter == "B" || f.Letter == "D":
			fmt.Fprintf(&t, "%s %.1f\n", f.Letter, value)
		}
	}
	return fmt.Sprintf("%sE%s\n", t.String(), latency.String())
}

func (r report) table() string {
	var t strings.Builder
	t.WriteString("| | what | target | **median** | min | max | ours | base |\n|---|---|---|---:|---:|---:|---:|---:|\n")
	for _, f := range r.Figures {
		least, most := number(slices.Min(f.Ratios)), number(slices.Max(f.Ratios))
		ours, base := "", ""
		if len(f.Base) > 0 {
			ours, base = number(median(f.Ours)), number(median(f.Base))
		}
		fmt.Fprintf(&t, "| %s | %s | %s | **%s** | %s | %s | %s | %s |\n", f.Letter, f.What, f.Target, number(median(f.Ratios)), least, most, ours, base)
	}
	return t.String()
}

// byHand begins what people have written on the page, which is kept.
const byHand = "## Where the time of one command goes"

const pageText = `# Benchmarks

%[1]s
Ours and base are medians of what was compared: commands, tasks or jobs a second; for F microseconds and bytes a command;
for J lines, licenses, PDFs and mails a second.
%[8]s
## What was measured

Written by ` + "`make bench`" + `%[2]s. It starts the worker that users run (` + "`worker --embedded`" + `), in front of which no one has turned
any knob, with %[3]d resellers, %[4]s customers and %[5]d products, and sends it ` + "`stock.transfer`" + ` commands of one license each. Every such
command locks two accounts, draws on a lot, and writes its journal row, an outcome, a license, a movement, two lines of history and
a mail. Afterwards every command must be applied and the checks of ` + "`worker check`" + ` must find nothing, or there are no figures.

Each figure compares two things that were measured in turn, %[6]d times after a round that does not count; min and max are those
of the rounds. Client, worker, Postgres and Redis share the machine. Mails are written and not sent: they wait for a server that is
not there, because what sending costs has a figure of its own.

- *asynq alone* (A): as many tasks from as many callers through the same Redis, handled by nothing, with nothing durable behind it.
  For A the client sends one task for all commands that are accepted together; for A' each command has a task of its own.
- *One transaction per command* (B): the same program told to put one command into a transaction and to run 16 side by side.
- *Further workers* (I) have made their plans and grown to size: before each measurement a fifth as many commands go through unmeasured.
- *The floor* (C): all rows of a command, journal and mail included, written by plain SQL, 500 commands a statement, over two
  connections, into the same tables with the same indexes. It reads nothing and knows no rules.
- *River* (D): a job queue in Postgres. Its jobs are inserted at once, and each writes the same rows in a transaction of its own, which
  completes it, with the number of workers it did best with.
- *Plain SQL* (J1, J2): the rows that the ledger has just written, content of invoices included, written into a copy of the same
  ledger, with no rules and nothing read: J1 by one connection in the same pages, J2 by two in batches of 1,000. Afterwards both
  copies hold the same rows, or there is no figure. Making the documents and sending the mails comes later and is not in J1.
- *fpdf alone* (J3): the texts of the same invoice, a cell each, with the same two embedded fonts on one page, on all cores too.
- *go-mail alone* (J4): as many mails of the same words, put together before, over as many connections to the same server, which
  takes everything. What the ledger adds is the rendering of each mail and a commit before and after it.

## On what

| | |
|---|---|
%[7]s`

func (r report) page(rounds int) string {
	date := ""
	if r.Date != "" {
		date = " on " + r.Date
	}
	var machine strings.Builder
	for _, row := range r.Machine {
		fmt.Fprintf(&machine, "| %s | %s |\n", row[0], row[1])
	}
	return fmt.Sprintf(pageText, r.table(), date, resellers, thousands(customers), len(products), rounds, machine.String(), r.sizes())
}

// write writes the page and the figures, as far as they are wanted.
func (r report) write(page, figures string, rounds int) error {
	if len(r.Figures) == 0 {
		return nil
	}
	if page != "" {
		text := r.page(rounds)
		before, _ := os.ReadFile(page) // none: nothing is kept
		if at := strings.Index(string(before), byHand); at >= 0 {
			text += "\n" + string(before[at:])
		}
		if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
			return err
		}
	}
	if figures == "" {
		return nil
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(figures, append(text, '\n'), 0o644)
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1000) }

// describe says on what the figures were taken, as the servers themselves report it.
func (b *bench) describe(ctx context.Context) ([][2]string, error) {
	postgres, err := postgresSettings(ctx, b.databaseURL)
	if err != nil {
		return nil, err
	}
	redis, err := redisSettings(ctx, b.redisURL)
	if err != nil {
		return nil, err
	}
	sync, err := b.syncTime()
	if err != nil {
		return nil, err
	}
	var memory unix.Sysinfo_t
	if err := unix.Sysinfo(&memory); err != nil {
		return nil, err
	}
	return [][2]string{
		{"processor", fmt.Sprintf("%s, %d cores", firstMatch("/proc/cpuinfo", `(?m)^model name\s*: (.*)$`), runtime.NumCPU())},
		{"memory", fmt.Sprintf("%d GiB", (memory.Totalram*uint64(memory.Unit)+1<<29)>>30)},
		{"disk", fmt.Sprintf("%s for one write of 8 KiB with fdatasync", milliseconds(sync))},
		{"system", fmt.Sprintf("%s, Linux %s", firstMatch("/etc/os-release", `(?m)^PRETTY_NAME="?([^"\n]*)`), firstMatch("/proc/sys/kernel/osrelease", `(\S+)`))},
		{"Postgres", postgres},
		{"Redis", redis},
		{"Go", fmt.Sprintf("%s, asynq %s, River %s, fpdf %s, go-mail %s", strings.TrimPrefix(runtime.Version(), "go"), moduleVersion("github.com/hibiken/asynq"), moduleVersion("github.com/riverqueue/river"),
			moduleVersion("codeberg.org/go-pdf/fpdf"), moduleVersion("github.com/wneessen/go-mail"))},
	}, nil
}

func postgresSettings(ctx context.Context, databaseURL string) (string, error) {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	var settings string
	err = conn.QueryRow(ctx, `
		select current_setting('server_version') || ': ' || string_agg(name || ' ' || current_setting(name), ', ' order by name)
		from unnest(array['fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size']) name`).Scan(&settings)
	return settings, err
}

func redisSettings(ctx context.Context, redisURL string) (string, error) {
	client, err := jobs.OpenRedis(redisURL)
	if err != nil {
		return "", err
	}
	defer client.Close()
	info, err := client.Info(ctx, "server").Result()
	if err != nil {
		return "", err
	}
	version, _, _ := strings.Cut(after(info, "redis_version:"), "\r\n")
	settings := []string{}
	for _, name := range []string{"appendonly", "appendfsync"} {
		value, err := client.ConfigGet(ctx, name).Result()
		if err != nil {
			return "", err
		}
		settings = append(settings, name+" "+value[name])
	}
	return version + ": " + strings.Join(settings, ", "), nil
}

func after(s, mark string) string {
	_, rest, _ := strings.Cut(s, mark)
	return rest
}

// syncTime is the median time that the disk takes to make a write durable, which
// bounds what a ledger on it can do.
func (b *bench) syncTime() (time.Duration, error) {
	const writes = 201
	f, err := os.Create(filepath.Join(b.data, "sync"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	took := make([]time.Duration, 0, writes)
	for range writes {
		start := b.now()
		if _, err := f.Write(make([]byte, 8192)); err != nil {
			return 0, err
		}
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			return 0, err
		}
		took = append(took, b.now().Sub(start))
	}
	return percentile(took, 50), nil
}

func firstMatch(file, pattern string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return "unknown"
	}
	if m := regexp.MustCompile(pattern).FindSubmatch(text); m != nil {
		return string(m[1])
	}
	return "unknown"
}

func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "unknown"
}
