// Package e2e runs the built programs as their users do: child processes on an
// embedded stack, killed and restarted.
package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/joho/godotenv"
)

var bin string // folder of the built programs

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "licenseledger-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	bin = dir
	if out, err := exec.Command("go", "build", "-o", dir, "../../cmd/...").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building: %s\n%s", err, out)
		return 1
	}
	return m.Run()
}

// stack is a folder with a worker on embedded servers.
type stack struct {
	t      *testing.T
	dir    string
	flags  []string
	env    []string // of the worker
	worker *exec.Cmd
	log    *bytes.Buffer
}

func newStack(t *testing.T, flags ...string) *stack {
	t.Helper()
	s := &stack{t: t, dir: t.TempDir(), flags: flags, log: &bytes.Buffer{}}
	s.start()
	t.Cleanup(s.stop)
	return s
}

// start waits until the worker says that it is ready.
func (s *stack) start() {
	s.t.Helper()
	s.worker = exec.Command(filepath.Join(bin, "worker"), append([]string{"--embedded", "--data", filepath.Join(s.dir, "data")}, s.flags...)...)
	s.worker.Dir, s.worker.Env = s.dir, append(clean(), s.env...)
	s.worker.Stderr = s.log
	out, err := s.worker.StdoutPipe()
	check(s.t, err)
	check(s.t, s.worker.Start())
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "ready" {
			return
		}
	}
	s.t.Fatalf("the worker ended without being ready:\n%s", s.log)
}

// clean is an environment that leads to no other servers.
func clean() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "TMPDIR=" + os.TempDir(), "LOG_LEVEL=warn"}
}

// stop ends the worker as an operator does; it must end well.
func (s *stack) stop() {
	if s.worker == nil {
		return
	}
	_ = s.worker.Process.Signal(syscall.SIGTERM)
	if err := s.worker.Wait(); err != nil {
		s.t.Errorf("after SIGTERM: %v\n%s", err, s.log)
	}
	s.worker = nil
}

func (s *stack) kill() {
	s.t.Helper()
	check(s.t, s.worker.Process.Kill())
	_ = s.worker.Wait() // killed
}

// enqueue runs the command line and returns its exit code and output.
func (s *stack) enqueue(input string, args ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	return s.program("enqueue", input, args...)
}

func (s *stack) program(name, input string, args ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	cmd := exec.Command(filepath.Join(bin, name), append(args, "--data", filepath.Join(s.dir, "data"))...)
	cmd.Dir, cmd.Env, cmd.Stdin = s.dir, clean(), strings.NewReader(input)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// verify wants a ledger without discrepancies.
func (s *stack) verify() {
	s.t.Helper()
	if code, out, errs := s.program("worker", "", "check"); code != 0 || out != "ok\n" {
		s.t.Errorf("worker check: exit %d\n%s%s", code, out, errs)
	}
}

func (s *stack) catalog() {
	s.t.Helper()
	if code, out, errs := s.enqueue("", "run", example("catalog"), "--serial"); code != 0 {
		s.t.Fatalf("catalog: exit %d\n%s%s", code, out, errs)
	}
}

func example(name string) string {
	path, err := filepath.Abs(filepath.Join("../../examples", name+".ndjson"))
	if err != nil {
		panic(err)
	}
	return path
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// outcomes reads NDJSON outcomes.
func outcomes(t *testing.T, ndjson string) []outcome {
	t.Helper()
	var all []outcome
	for decoder := json.NewDecoder(strings.NewReader(ndjson)); decoder.More(); {
		var o outcome
		check(t, decoder.Decode(&o))
		all = append(all, o)
	}
	return all
}

type outcome struct{ ID, Status, Reason string }

func TestAFileSentTwiceChangesNothingTheSecondTime(t *testing.T) {
	s := newStack(t, "--test-clock")
	s.catalog()
	code, first, _ := s.enqueue("", "run", example("demo"), "--serial")
	if code != 1 {
		t.Errorf("exit %d; the demo has refusals", code)
	}
	before, _, _ := s.enqueue("", "show", "history", "--account", "northwind", "--json")
	code, second, _ := s.enqueue("", "run", example("demo"), "--wait")
	if code != 1 || first != second {
		t.Errorf("exit %d; the outcomes differ:\n%s\n%s", code, first, second)
	}
	after, _, _ := s.enqueue("", "show", "history", "--account", "northwind", "--json")
	if before != after {
		t.Errorf("the history has changed")
	}
	s.verify()
}

func TestAKilledWorkerLosesNothing(t *testing.T) {
	s := newStack(t)
	s.catalog()
	s.enqueue("", "stock.purchase", "--id", "stock", "--actor", "ada@northwind.example", "--contract", "C-NORTH",
		"--account", "northwind", "--product", "pro", "--quantity", "1000000")
	const n = 5000
	var file strings.Builder
	for i := range n {
		fmt.Fprintf(&file, `{"id":"t-%d","kind":"stock.transfer","actor":"ada@northwind.example","body":{"from":"northwind","to":"acme","product":"pro","quantity":1}}`+"\n", i)
	}
	done := make(chan string)
	go func() {
		code, out, errs := s.enqueue(file.String(), "run", "-", "--wait", "--timeout", "60s")
		if code != 0 {
			t.Errorf("exit %d: %s", code, errs)
		}
		done <- out
	}()
	for s.decided() < 500 {
		time.Sleep(5 * time.Millisecond)
	}
	s.kill()
	if decided := s.decided(); decided >= n {
		t.Fatalf("all %d were decided before the kill", decided)
	}
	restarted := time.Now()
	s.start()
	got := outcomes(t, <-done)
	if took := time.Since(restarted); took > 30*time.Second {
		t.Errorf("the last outcome came %s after the restart", took)
	}
	applied := 0
	for _, o := range got {
		if o.Status == "applied" {
			applied++
		}
	}
	if applied != n {
		t.Errorf("%d of %d applied", applied, n)
	}
	s.verify()
}

// decided counts the transfers that have an outcome.
func (s *stack) decided() (n int) {
	s.t.Helper()
	vars, err := godotenv.Read(filepath.Join(s.dir, "data", "env"))
	check(s.t, err)
	conn, err := pgx.Connect(s.t.Context(), vars["DATABASE_URL"])
	check(s.t, err)
	defer conn.Close(s.t.Context())
	check(s.t, conn.QueryRow(s.t.Context(), "SELECT count(*) FROM outcomes JOIN commands USING (seq) WHERE id LIKE 't-%'").Scan(&n))
	return n
}

func TestSIGTERMFinishesWhatIsUnderWay(t *testing.T) {
	s := newStack(t)
	s.catalog()
	started := time.Now()
	s.stop()
	if took := time.Since(started); took > 15*time.Second {
		t.Errorf("ending took %s", took)
	}
	s.start()
	s.verify()
}

func TestSeveralWorkersStartAtOnce(t *testing.T) {
	s := newStack(t)
	s.catalog()
	var others []*exec.Cmd
	for range 3 {
		w := exec.Command(filepath.Join(bin, "worker"), "--data", filepath.Join(s.dir, "data"), "--admin-addr", "off")
		w.Dir, w.Env = s.dir, clean()
		check(t, w.Start())
		others = append(others, w)
	}
	code, out, errs := s.enqueue("", "run", example("demo"), "--serial")
	if code != 1 || len(outcomes(t, out)) != 19 {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	for _, w := range others {
		check(t, w.Process.Signal(syscall.SIGTERM))
		if err := w.Wait(); err != nil {
			t.Error(err)
		}
	}
	s.verify()
}
