package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"

	"github.com/licenseledger/licenseledger/jobs"
)

// figures are what one run found.
type figures struct {
	options       options
	date, command string
	machine       [][2]string

	latency        latency
	singleAccepted time.Duration
	singleApplied  time.Duration
	packed         time.Duration
	asynq          time.Duration
}

type latency struct{ p50, p99 time.Duration }

func (f figures) table() string {
	var t strings.Builder
	t.WriteString("| what | commands | seconds | a second |\n|---|---:|---:|---:|\n")
	for _, row := range []struct {
		what string
		took time.Duration
	}{
		{fmt.Sprintf("single commands from %d callers, until each is accepted", f.options.callers), f.singleAccepted},
		{"the same, until all are applied", f.singleApplied},
		{"packed: all in one call, until all outcomes are known", f.packed},
		{fmt.Sprintf("asynq alone: tasks from %d callers, empty handler", f.options.callers), f.asynq},
	} {
		fmt.Fprintf(&t, "| %s | %s | %.2f | **%s** |\n", row.what, thousands(f.options.commands), row.took.Seconds(),
			thousands(int(float64(f.options.commands)/row.took.Seconds())))
	}
	fmt.Fprintf(&t, "\n| one command at a time, from call to outcome | p50 | p99 |\n|---|---:|---:|\n| %s commands | %s | %s |\n",
		thousands(f.options.probes), milliseconds(f.latency.p50), milliseconds(f.latency.p99))
	return t.String()
}

const pageText = `# Benchmarks

%[1]s
## What was measured

Written by ` + "`make bench`" + `%[2]s, in one run of

    %[3]s

which starts the worker that users run (` + "`worker --embedded`" + `) and sends it ` + "`stock.transfer`" + ` commands: one license each
from one of %[4]d resellers to one of its customers, %[5]s customers in all, %[6]d products. Every such command locks two accounts,
draws on a lot, makes a license and writes a journal row, an outcome, a movement and history. Afterwards every command must be
applied and ` + "`worker check`" + `'s checks must find nothing, or there are no figures.

- *Accepted* means: committed to the journal in Postgres, and a task enqueued in Redis. From then on the command cannot be lost.
- *Applied* means: its outcome and all its rows are committed.
- *Packed* is ` + "`Client.Do`" + ` with all commands at once, as ` + "`enqueue run`" + ` does it.
- *asynq alone* is the yardstick: the same number of tasks through the same Redis to a handler that does nothing, and nothing durable behind it.
- Client, worker, Postgres and Redis share the machine. Customers have no managers here, so no mail is written.

## On what

| | |
|---|---|
%[7]s`

func (f figures) page() string {
	date := ""
	if f.date != "" {
		date = " on " + f.date
	}
	var machine strings.Builder
	for _, row := range f.machine {
		fmt.Fprintf(&machine, "| %s | %s |\n", row[0], row[1])
	}
	return fmt.Sprintf(pageText, f.table(), date, f.command, resellers, thousands(customers), len(products), machine.String())
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
		{"Go", fmt.Sprintf("%s, asynq %s", strings.TrimPrefix(runtime.Version(), "go"), moduleVersion("github.com/hibiken/asynq"))},
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
