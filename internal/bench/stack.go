package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/joho/godotenv"

	"github.com/licenseledger/licenseledger/jobs"
)

// stack is a running worker with its servers, and a client of it.
type stack struct {
	data        string
	databaseURL string
	redisURL    string
	client      *jobs.Client
}

// onStack starts the worker that users run, as a process of its own, and ends it.
func onStack(ctx context.Context, o options, do func(*stack) error) (err error) {
	if err := os.MkdirAll(o.dir, 0o755); err != nil { //nolint:gosec // the folder of the binaries
		return err
	}
	dir, err := os.MkdirTemp(o.dir, "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	worker, err := startWorker(ctx, o.worker, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, endWorker(worker)) }()
	vars, err := godotenv.Read(filepath.Join(dir, "env"))
	if err != nil {
		return err
	}
	s := &stack{data: dir, databaseURL: vars["DATABASE_URL"], redisURL: vars["REDIS_URL"]}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if s.client, err = jobs.Connect(ctx, s.databaseURL, s.redisURL, log); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.client.Close()) }()
	return do(s)
}

func startWorker(ctx context.Context, binary, dir string) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, binary, "--embedded", "--data", dir, "--log-level", "warn")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = time.Minute
	cmd.Stderr = os.Stderr
	// Settings of the surroundings must not point the worker elsewhere.
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !strings.HasSuffix(name, "_URL") && name != "ADMIN_ADDR" {
			cmd.Env = append(cmd.Env, v)
		}
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the worker (make build makes it): %w", err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		return nil, errors.Join(fmt.Errorf("the worker did not get ready, it said %q", line), endWorker(cmd))
	}
	return cmd, nil
}

func endWorker(cmd *exec.Cmd) error {
	_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended already; Wait tells
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("ending the worker: %w", err)
	}
	return nil
}
