package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/licenseledger/licenseledger/jobs"
)

// terminalOf is a terminal of the machine: what is written to it can be read.
func terminalOf(t *testing.T, columns uint16) (program, user *os.File) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("not tried on a terminal: %v; /dev/ptmx and /dev/pts must be there", err)
	}
	check(t, unix.IoctlSetPointerInt(int(user.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(user.Fd()), unix.TIOCGPTN)
	check(t, err)
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	check(t, err)
	check(t, unix.IoctlSetWinsize(int(program.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns}))
	t.Cleanup(func() { _, _ = program.Close(), user.Close() })
	return program, user
}

func TestOnATerminal(t *testing.T) {
	l := newLedger(t)
	l.fill()
	for _, test := range []struct {
		name, key, value string
		coloured         bool
	}{{"plain", "TERM", "xterm", true}, {"NO_COLOR", "NO_COLOR", "1", false}, {"dumb", "TERM", "dumb", false}} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("TERM", "xterm")
			t.Setenv("NO_COLOR", "")
			t.Setenv("COLUMNS", "")
			t.Setenv(test.key, test.value)
			program, user := terminalOf(t, 60)
			code := run(t.Context(), []string{"show", "outcome", "po-1", "--database-url", l.databaseURL, "--redis-url", l.redisURL},
				strings.NewReader(""), program, program)
			screen := make([]byte, 64<<10)
			n, err := user.Read(screen)
			check(t, err)
			text := string(screen[:n])
			if code != exitApplied || strings.Contains(text, "\x1b[") != test.coloured || !strings.Contains(text, "applied") {
				t.Errorf("exit %d, coloured: %v\n%q", code, !test.coloured, text)
			}
			for line := range strings.Lines(text) {
				if len([]rune(strings.TrimRight(line, "\r\n"))) > 60+len("\x1b[32m\x1b[0m") {
					t.Errorf("wider than the terminal: %q", line)
				}
			}
		})
	}
}

func TestProgressLine(t *testing.T) {
	began := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		wait              bool
		accepted, decided int
		after             time.Duration
		want              string
	}{
		{false, 500, 0, 100 * time.Millisecond, "500 of 10000 accepted"},
		{false, 5000, 0, 2 * time.Second, "5000 of 10000 accepted, 2500/s, 2s left"},
		{true, 5000, 0, 2 * time.Second, "5000 of 10000 accepted, 0 decided"},
		{true, 10000, 1000, 10 * time.Second, "10000 of 10000 accepted, 1000 decided, 100/s, 1m30s left"},
	} {
		p := &progressLine{total: 10000, wait: test.wait, started: began, accepted: test.accepted, decided: test.decided}
		if got := p.line(began.Add(test.after)); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	var out bytes.Buffer
	p := newProgressLine(&out, 10, true)
	p.show(5, 1)
	p.clear()
	if out.Len() > 0 {
		t.Errorf("without a terminal it says %q", out.String())
	}
}

// Whatever is wrong, one line says what, and what to do.
func TestErrorsSayWhatToDo(t *testing.T) {
	l := newLedger(t)
	l.fill()
	of := func(database string) string {
		u, err := url.Parse(l.databaseURL)
		check(t, err)
		u.Path = "/" + database
		return u.String()
	}
	for _, test := range []struct {
		name, args, want string
	}{
		{"no such database", "--database-url " + of("nowhere") + " show schedule", "create the database, or mend its name in DATABASE_URL"},
		{"not migrated", "--database-url " + of("postgres") + " show stock --account a", "migrate the database with `worker migrate`"},
		{"no such host", "--database-url postgres://u:secret@no..host/x show schedule", "there is no host no..host here; mend the name in DATABASE_URL"},
		{"nobody listens", "--database-url postgres://u:secret@127.0.0.1:1/x show schedule", "is Postgres running, and does DATABASE_URL name it?"},
		{"no Redis", "--redis-url redis://u:secret@127.0.0.1:1 --database-url " + l.databaseURL + " run --via redis -", "is Redis running, and does REDIS_URL name it?"},
		{"no worker for it", "run - --wait --timeout 1ms --data nowhere --database-url postgres://127.0.0.1:1/x --redis-url redis://127.0.0.1:1", "is Postgres running"},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := append(strings.Fields(test.args), "--redis-url="+l.redisURL)
			if strings.Contains(test.args, "--redis-url") {
				args = args[:len(args)-1]
			}
			code, _, errs := enqueue(t, good, args...)
			if code != exitUnreachable || !strings.Contains(errs, test.want) || strings.Count(errs, "\n") != 1 || strings.Contains(errs, "secret") {
				t.Errorf("exit %d, %s", code, errs)
			}
			code, _, asJSON := enqueue(t, good, append(args, "--json")...)
			var said failure
			if err := json.Unmarshal([]byte(asJSON), &said); err != nil || code != said.Exit || !strings.Contains(said.Error, test.want) {
				t.Errorf("exit %d, %v, %s", code, err, asJSON)
			}
		})
	}
}

// What --json promises where people read a sentence on stderr.
func TestJSONOfWhatWentWell(t *testing.T) {
	l := newLedger(t)
	l.fill()
	for _, test := range []struct{ in, args, want string }{
		{good, "run - --json", `{"accepted":1}`},
		{"", "run - --json", `{"accepted":0}`},
		{good, "run - --via redis --json", `{"queued":1}`},
		{"", "clock show --json", `"test":true`},
		{"", "source list --json", `[]`},
	} {
		code, out, errs := l.enqueue(test.in, strings.Fields(test.args)...)
		if code != exitApplied || !strings.Contains(out, test.want) || !json.Valid([]byte(out)) {
			t.Errorf("%s: exit %d, %s, %s", test.args, code, out, errs)
		}
	}
}

// The exit codes of the documentation, each from a call that leads to it.
func TestExitCodes(t *testing.T) {
	l := newLedger(t)
	l.fill()
	rejected := strings.Replace(purchase(`"quantity":1`), `"pro"`, `"none"`, 1)
	applied := strings.Replace(good, `"pro"`, `"extra"`, 1)
	for _, test := range []struct {
		code     int
		in, args string
	}{
		{0, applied, "run --wait -"},
		{0, applied, "run -"},
		{0, "", "--help"},
		{0, "", "show outcome po-2 --source shop"}, // that it was rejected is what was asked
		{1, rejected, "run --serial -"},
		{1, strings.Replace(buying, `"po-1"`, `"po-9"`, 1), "preview -"},
		{1, "", "stock.purchase --id po-8 --actor ada@northwind.example --contract none --account northwind --product pro --quantity 1"},
		{2, "{}", "run -"},
		{2, "", "shwo"},
		{2, "", "show outcome nobody-sent-this"},
		{2, "", "show stock --account northwind --after nonsense"},
		{2, "", "retry po-1"},
		{2, "", "invoice none --format pdf"},
		{3, good, "run --wait - --database-url postgres://127.0.0.1:1/x"},
		{3, strings.Replace(good, `"p"`, `"late"`, 1), "run --wait - --timeout 0s"},
	} {
		args := strings.Fields(test.args)
		if strings.Contains(test.args, "--timeout") {
			l = newLedger(t) // nobody works there
		}
		if !strings.Contains(test.args, "--database-url") {
			args = append(args, "--database-url", l.databaseURL)
		}
		code, out, errs := enqueue(t, test.in, append(args, "--redis-url", l.redisURL)...)
		if code != test.code {
			t.Errorf("%s: exit %d, want %d\n%s%s", test.args, code, test.code, out, errs)
		}
	}
}

// A full Redis is not one that is away. All tests share it, so this one is not parallel.
func TestAFullRedisIsNamed(t *testing.T) {
	l := newLedger(t)
	client, err := jobs.OpenRedis(l.redisURL)
	check(t, err)
	limit := func(memory string) { check(t, client.ConfigSet(context.Background(), "maxmemory", memory).Err()) }
	t.Cleanup(func() { limit("0"); check(t, client.Close()) })
	limit("1")
	code, _, errs := l.enqueue(good, "run", "--via", "redis", "-")
	if code == 0 || !strings.Contains(errs, "Redis is full") || !strings.Contains(errs, "raise its maxmemory") || strings.Contains(errs, "is Redis running") {
		t.Errorf("%d %s", code, errs)
	}
	code, _, errs = l.enqueue(good, "run", "-")
	if code != 0 || !strings.Contains(errs, "accepted 1") {
		t.Errorf("%d %s", code, errs)
	}
}
