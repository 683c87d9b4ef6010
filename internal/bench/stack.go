package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/joho/godotenv"

	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/migrations"
)

// stack is a running worker with its servers, and a client of it.
type stack struct {
	worker      *exec.Cmd
	data        string
	databaseURL string
	redisURL    string
	client      *jobs.Client
	log         *slog.Logger
}

// onStack starts the worker that users run, as a process of its own, and ends it.
func onStack(ctx context.Context, o options, do func(*stack) error) (err error) {
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(o.dir, "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s := &stack{data: dir, log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	if s.worker, err = startWorker(ctx, exec.CommandContext(ctx, filepath.Join(o.root, "bin", "worker"), "--embedded", "--data", dir)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, endWorker(s.worker)) }()
	if err := s.connect(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.client.Close()) }()
	return do(s)
}

func (s *stack) connect(ctx context.Context) error {
	vars, err := godotenv.Read(filepath.Join(s.data, "env"))
	if err != nil {
		return err
	}
	s.databaseURL, s.redisURL = vars["DATABASE_URL"], vars["REDIS_URL"]
	s.client, err = jobs.Connect(ctx, s.databaseURL, s.redisURL, s.log)
	return err
}

// nobody is where mail goes: there is no server, so that mails are written with
// their commands and wait. What sending costs is measured by itself.
const nobody = "SMTP_URL=smtp://127.0.0.1:9"

func startWorker(_ context.Context, cmd *exec.Cmd) (*exec.Cmd, error) {
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = time.Minute
	cmd.Stderr = os.Stderr
	// Settings of the surroundings must not point the worker elsewhere.
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !strings.HasSuffix(name, "_URL") && name != "ADMIN_ADDR" {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, nobody, "MAIL_FROM=licenseledger@localhost", "LOG_LEVEL=error")
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

// pause stops the worker's process while another does its work.
func (s *stack) pause() (resume func(), err error) {
	resume = func() { _ = s.worker.Process.Signal(syscall.SIGCONT) }
	return resume, s.worker.Process.Signal(syscall.SIGSTOP)
}

// furtherWorker starts one more worker on the same servers.
func (b *bench) furtherWorker(ctx context.Context) (*exec.Cmd, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(b.root, "bin", "worker"), "--no-migrate", "--admin-addr", "off",
		"--database-url", b.databaseURL, "--redis-url", b.redisURL)
	return startWorker(ctx, cmd)
}

// startSlowWorker starts this program as a worker of one command per transaction.
func (b *bench) startSlowWorker(ctx context.Context) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return startWorker(ctx, exec.CommandContext(ctx, self, "-slow-worker", b.data))
}

const slowCommitters = 16

// workSlowly is the worker without its batches.
func workSlowly(ctx context.Context, data string) error {
	vars, err := godotenv.Read(filepath.Join(data, "env"))
	if err != nil {
		return err
	}
	u, err := url.Parse(vars["DATABASE_URL"])
	if err != nil {
		return err
	}
	q := u.Query()
	q.Set("pool_max_conns", fmt.Sprint(2*slowCommitters))
	u.RawQuery = q.Encode()
	s, err := store.Open(ctx, u.String())
	if err != nil {
		return err
	}
	defer s.Close()
	redis, err := jobs.OpenRedis(vars["REDIS_URL"])
	if err != nil {
		return err
	}
	defer redis.Close()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	batcher := jobs.NewBatcherWithLanes(s, 1, slowCommitters, log)
	server, sweeper := jobs.NewServer(redis, batcher, log), jobs.NewSweeper(s, batcher, log)
	background, end := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	defer running.Wait()
	defer end()
	running.Go(func() { batcher.Run(background) })
	running.Go(func() { sweeper.Run(background) })
	if err := server.Start(); err != nil {
		return err
	}
	defer server.Shutdown()
	fmt.Fprintln(os.Stdout, "ready")
	<-ctx.Done()
	return nil
}

// peerDatabase makes a database beside the ledger's, with the same tables and
// indexes, in which rows may be written without rules.
func (b *bench) peerDatabase(ctx context.Context, name string) (databaseURL string, err error) {
	if databaseURL, err = b.urlOf(name); err != nil {
		return "", err
	}
	conn, err := pgx.Connect(ctx, b.databaseURL)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize()); err != nil {
		return "", err
	}
	return databaseURL, migrations.Up(ctx, databaseURL)
}

// urlOf is the address of another database on the same server.
func (b *bench) urlOf(name string) (string, error) {
	u, err := url.Parse(b.databaseURL)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}
