package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// child is a program under the harness: it is killed with the harness, and can
// be killed, stopped and started again by it.
type child struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed once it has ended and is reaped
	err   error         // how it ended; read after ended
}

// launch starts a command with its output appended to a log.
func launch(cmd *exec.Cmd, logFile string) (*child, error) {
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log of %s: %w", cmd.Path, err)
	}
	defer log.Close()
	if cmd.Stdout == nil {
		cmd.Stdout = log
	}
	cmd.Stderr = log
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid, cmd.SysProcAttr.Pdeathsig = true, syscall.SIGKILL
	c := &child{cmd: cmd, ended: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The death signal comes when the starting thread ends, so it is kept.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
		}
		close(c.ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", cmd.Path, err)
	}
	return c, nil
}

func (c *child) signal(sig syscall.Signal) { _ = c.cmd.Process.Signal(sig) } // it may have ended already

func (c *child) running() bool {
	if c == nil {
		return false
	}
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

var errLingers = errors.New("does not end")

// end sends a signal and waits; what lingers is killed and reported.
func (c *child) end(sig syscall.Signal, patience time.Duration) error {
	if !c.running() {
		return nil
	}
	c.signal(sig)
	select {
	case <-c.ended:
		return c.err
	case <-time.After(patience):
		c.signal(syscall.SIGKILL)
		<-c.ended
		return errLingers
	}
}

// kill is SIGKILL, and waits for it.
func (c *child) kill() { _ = c.end(syscall.SIGKILL, time.Minute) }
