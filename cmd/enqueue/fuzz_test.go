package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/redis/go-redis/v9"

	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

// nowhere lets enqueue find no server, so that all ends at the check of what it was given.
func nowhere(f *testing.F) {
	f.Helper()
	redis.SetLogger(quiet{})
	f.Setenv("DATABASE_URL", "postgres://127.0.0.1:1/nowhere?connect_timeout=1")
	f.Setenv("REDIS_URL", "redis://127.0.0.1:1")
	f.Setenv("SOURCE_KEY", "")
}

// call runs enqueue and wants one of the exit codes that can come about without a server.
func call(t *testing.T, in []byte, args []string) (code int, out, errs string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var stdout, stderr bytes.Buffer
	code = run(ctx, args, bytes.NewReader(in), &stdout, &stderr)
	if code != exitApplied && code != exitInvalid && code != exitUnreachable {
		t.Fatalf("%q exits %d: %s", args, code, stderr.String())
	}
	if code != exitApplied && stderr.Len() == 0 {
		t.Fatalf("%q exits %d without a word", args, code)
	}
	return code, stdout.String(), stderr.String()
}

// FuzzArguments runs enqueue with any arguments, one a line.
func FuzzArguments(f *testing.F) {
	examples := []string{
		"--help", "run\n-", "run\n-\n--wait\n--serial\n--timeout=1s", "preview\n-", "show\noutcome\nx", "show\nstock\n--account\na", "retry\nx",
		"show\norders\n--account=a\n--from=2026-01-01\n--state=requested\n--limit\n3\n--json", "invoice\nV-1\n--format\npdf", "clock\nshow", "schema", "schema\nstock.purchase",
		"close-month\n2026-11\n--dry-run", "mail\nresend\n1-1\n--to\na@b.example", "source\nadd\nportal\n--scope\nbusiness", "source\nlist",
		"license.sell\n--id=s\n--actor=a@b.example\n--from=x\n--to=y\n--item=pro=10,license=l~1", "seats.change\n--id\nc\n--subscription\ns\n--delta\n-3\n--actor\na@b.example",
		"stock.purchase\n--id=p\n--body=-", "user.put\n--id=u\n--user=a@b.example\n--account=a\n--name=\n--roles=", "--log-level=loud", "--", "run\n-\n--via=redis",
	}
	for _, kind := range jobs.KindNames() {
		examples = append(examples, kind+"\n--help", kind+"\n--id=x")
	}
	for _, args := range examples {
		f.Add(args, []byte(`{"id":"p","kind":"product.put","body":{"id":"pro","name":"Pro","package":"starter"}}`))
	}
	nowhere(f)
	f.Fuzz(func(t *testing.T, line string, in []byte) {
		args := strings.Split(line, "\n")
		if len(args) > 30 || slices.ContainsFunc(args, reachesOut) {
			return
		}
		call(t, in, args)
	})
}

// reachesOut tells arguments that lead out of the test: to other servers and files.
func reachesOut(arg string) bool {
	for _, way := range []string{"url", "host", "/", "data", "env-file", "timeout"} {
		if strings.Contains(strings.ToLower(arg), way) {
			return true
		}
	}
	return strings.HasPrefix(arg, "-o") || strings.Contains(arg, "output")
}

// FuzzLines sends any file of commands. Nothing is sent unless all of it is
// good, every problem names its line, and nothing reaches the terminal that it
// would obey.
func FuzzLines(f *testing.F) {
	files, err := filepath.Glob("../../examples/*.ndjson")
	if err != nil || len(files) == 0 {
		f.Fatal("no examples", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text[:min(len(text), 4000)])
	}
	f.Add([]byte("\ufeff{}\r\n\n\x1b[2J\n"))
	nowhere(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		bad, good := 0, 0
		for line := range bytes.Lines(bytes.TrimPrefix(in, []byte("\ufeff"))) {
			line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
			if len(bytes.TrimSpace(line)) == 0 {
				continue
			}
			if _, problems := jobs.Parse(line); len(problems) > 0 {
				bad++
			} else {
				good++
			}
		}
		want := map[bool]int{true: exitInvalid, false: exitUnreachable}[bad > 0]
		if bad+good == 0 {
			return // accepted 0
		}
		code, out, errs := call(t, in, []string{"run", "-"})
		if code != want || out != "" {
			t.Fatalf("exit %d for %d good and %d bad lines: %s%s", code, good, bad, out, errs)
		}
		for line := range strings.Lines(errs) {
			if bad > 0 && !strings.HasPrefix(line, "-:") || strings.ContainsFunc(strings.TrimSuffix(line, "\n"), obeyed) {
				t.Fatalf("%q", line)
			}
		}
	})
}

// obeyed are characters that do something to a terminal instead of being shown.
func obeyed(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// FuzzTable shows any text in a table, wide or narrow.
func FuzzTable(f *testing.F) {
	for _, s := range []string{"Acme", "\x1b[31mred\x1b[0m", "a\tb\nc", "\u202eevil\u202c", "\x9b31m", "株式会社", "👩\u200d💻", "\xff", strings.Repeat("x", 300), "\u2066a", "\x00", "e\u0301\u0301"} {
		f.Add(s, uint8(80))
	}
	f.Fuzz(func(t *testing.T, s string, width uint8) {
		var out bytes.Buffer
		table := newTable[store.DeploymentRow](&out, int(width))
		table.print([]store.DeploymentRow{{Deployment: "d", Name: &s, Account: "a", Owner: "o"}, {Deployment: "e", Name: &s}})
		for line := range strings.Lines(out.String()) {
			if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), obeyed) {
				t.Fatalf("%q is shown as %q", s, line)
			}
		}
	})
}
