package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// worker is the built program, kept running as an init system would.
type worker struct {
	binary  string
	env     []string
	logFile string
	clock   string // a file with what its clock is wrong by

	mu       sync.Mutex
	child    *child
	wanted   bool
	kills    int
	restarts int
	crashed  string // what it said when it ended by a fault of its own
	running  sync.WaitGroup
}

// run keeps it running until retire.
func (w *worker) run() {
	w.wanted = true
	w.running.Go(func() {
		for w.startOnce() {
			<-w.current().ended
			w.judgeEnd()
			time.Sleep(200 * time.Millisecond)
		}
	})
}

func (w *worker) startOnce() bool {
	for {
		w.mu.Lock()
		if !w.wanted {
			w.mu.Unlock()
			return false
		}
		cmd := exec.Command(w.binary, "--test-clock", "--log-level", "warn")
		cmd.Env = w.env
		c, err := launch(cmd, w.logFile)
		if err == nil {
			w.child = c
			w.restarts++
		}
		w.mu.Unlock()
		if err == nil {
			return true
		}
		time.Sleep(time.Second)
	}
}

func (w *worker) current() *child {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.child
}

// judgeEnd looks whether the worker ended because of a bug. That it gives up
// when it cannot reach a server at its start is none.
func (w *worker) judgeEnd() {
	text, err := os.ReadFile(w.logFile)
	if err != nil {
		return
	}
	for _, sign := range []string{"\npanic: ", "\nfatal error: ", "DATA RACE"} {
		if at := bytes.LastIndex(text, []byte(sign)); at >= 0 {
			w.mu.Lock()
			w.crashed = strings.TrimSpace(string(text[at:min(at+2000, len(text))]))
			w.mu.Unlock()
		}
	}
}

func (w *worker) kill() {
	w.kills++
	w.current().kill()
}

// pause is SIGSTOP for a while.
func (w *worker) pause(ctx context.Context, d time.Duration) {
	c := w.current()
	c.signal(syscall.SIGSTOP)
	sleep(ctx, d)
	c.signal(syscall.SIGCONT)
}

const gracePeriod = 45 * time.Second

// restart asks it to end; it comes back by itself.
func (w *worker) restart() error {
	if err := w.current().end(syscall.SIGTERM, gracePeriod); err != nil {
		return fmt.Errorf("a worker that was told to end: %w", err)
	}
	return nil
}

// misread puts its clock wrong by an offset such as 2h; none puts it right.
func (w *worker) misread(offset string) error {
	if err := os.WriteFile(w.clock, []byte(offset), 0o600); err != nil {
		return fmt.Errorf("putting the clock of a worker wrong: %w", err)
	}
	return nil
}

// retire ends it for good.
func (w *worker) retire(sig syscall.Signal) error {
	w.mu.Lock()
	w.wanted = false
	c := w.child
	w.mu.Unlock()
	err := c.end(sig, gracePeriod)
	w.running.Wait()
	if err != nil && sig == syscall.SIGTERM {
		return fmt.Errorf("a worker that was told to end: %w", err)
	}
	return nil
}
