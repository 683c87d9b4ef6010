package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// previousVersion is the commit of the version before the latest migration. With
// a release, it is that of the release before.
const previousVersion = "72e50fa99f4518849c219f11fb7dea3d857c8173"

// buildPrevious builds the programs of the previous version out of the history.
func buildPrevious(t *testing.T) (folder string) {
	t.Helper()
	if err := exec.CommandContext(t.Context(), "git", "cat-file", "-e", previousVersion+"^{commit}").Run(); err != nil {
		t.Skipf("the history does not reach back to %.7s (%v): git fetch --unshallow", previousVersion, err)
	}
	folder = t.TempDir()
	build := fmt.Sprintf(`set -e; mkdir %[1]s/source; git -C "$(git rev-parse --show-toplevel)" archive %[2]s | tar -x -C %[1]s/source
cd %[1]s/source; go build -o %[1]s/ ./cmd/worker ./cmd/enqueue`, folder, previousVersion)
	if out, err := exec.CommandContext(t.Context(), "sh", "-c", build).CombinedOutput(); err != nil {
		t.Fatalf("building the previous version: %v\n%s", err, out)
	}
	return folder
}

// The database is migrated while the previous version works, both versions work
// side by side, and one can go back.
func TestUpgradeUnderLoad(t *testing.T) {
	t.Parallel()
	const perRun = 120
	before := buildPrevious(t)
	old, oldEnqueue := filepath.Join(before, "worker"), filepath.Join(before, "enqueue")
	worker, enqueue := filepath.Join(bin, "worker"), filepath.Join(bin, "enqueue")
	s := newSite(t)
	s.must("", old, "migrate")
	oldWorker := s.startWorker(old)
	s.must("", oldEnqueue, "run", example("catalog"), "--serial")
	s.must(stocked, oldEnqueue, "run", "-", "--wait")

	runs := 0
	load := func(program string) (ended chan struct{}) {
		from := runs * perRun
		runs++
		ended = make(chan struct{})
		go func() {
			defer close(ended)
			if code, out := s.run(transfers(from, from+perRun), program, "run", "-", "--serial", "--timeout", "2m"); code != 0 {
				t.Errorf("commands from %d on: exit %d\n%s", from, code, out)
			}
		}()
		return ended
	}
	first := load(oldEnqueue)
	s.must("", worker, "migrate") // under load
	newWorker := s.startWorker(worker, "--no-migrate")
	second, third := load(oldEnqueue), load(enqueue) // two versions of both
	<-first
	<-second
	<-third
	if code, out := s.run(otherContent, oldEnqueue, "run", "-", "--wait"); code != 1 {
		t.Errorf("a used id with other content, sent by the previous version: exit %d\n%s", code, out)
	}

	fourth := load(enqueue)
	s.end(oldWorker)
	<-fourth
	s.upgraded(runs*perRun, worker)

	fifth := load(oldEnqueue) // back again
	s.startWorker(old)
	s.end(newWorker)
	<-fifth
	s.upgraded(runs*perRun, worker)
}

const otherContent = `{"id":"stock","kind":"stock.purchase","actor":"ada@northwind.example","body":{"contract":"C-NORTH","account":"northwind","product":"pro","quantity":7}}` + "\n"

// end stops a worker as an operator does.
func (s *site) end(worker *exec.Cmd) {
	s.t.Helper()
	check(s.t, worker.Process.Signal(syscall.SIGTERM))
	if err := worker.Wait(); err != nil {
		s.t.Errorf("after SIGTERM: %v\n%s", err, s.log())
	}
}

// upgraded wants n transfers applied once each, and their mails delivered once.
func (s *site) upgraded(n int, worker string) {
	s.t.Helper()
	s.become(fmt.Sprint(n), "SELECT count(*)::text FROM mail WHERE event = 'license.assigned' AND state = 'sent'")
	if out := s.must("", worker, "check"); out != "ok\n" {
		s.t.Errorf("worker check: %s", out)
	}
	if got := s.sql("SELECT string_agg(remaining::text, ',') FROM lots"); got != fmt.Sprint(1000-n) {
		s.t.Errorf("%s remain of 1000 after %d transfers of one", got, n)
	}
	counts := s.mail.counts()
	for id, times := range counts {
		if times != 1 {
			s.t.Errorf("mail %s arrived %d times", id, times)
		}
	}
	if dead := s.sql("SELECT count(*)::text FROM pending"); dead != "0" {
		s.t.Errorf("%s commands wait", dead)
	}
}
