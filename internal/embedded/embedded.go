// Package embedded runs a private Postgres and a private Redis out of one
// folder, from the binaries installed on the machine. It serves
// `worker --embedded`, the demo and the tests.
//
// The servers belong to the folder, not to the process: they outlive a worker
// that was killed, the next Start takes them over with their data and their
// addresses, and Stop ends them whoever started them. A server is recognised by
// the folder it works in, as the kernel tells it, never by a bare pid.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// patience is how long a server may go without a sign of life, and how
	// long it gets to end before it is ended less politely.
	patience = 10 * time.Second
	pollTime = 20 * time.Millisecond
)

// Options say where the servers live.
type Options struct {
	Dir string
	Log *slog.Logger
	// Throwaway trades durability for speed and ties the servers to the life
	// of this process. It is meant for tests.
	Throwaway bool
}

// Servers are a running Postgres and Redis.
type Servers struct {
	DatabaseURL string
	RedisURL    string

	dir       string
	sockets   string // folder with both sockets; may lie outside dir
	throwaway bool
	log       *slog.Logger
	lock      *os.File
	tools     tools
	account   *account // whom Postgres runs as, nil for ourselves

	postgres server
	redis    server
}

// Start brings up the servers of o.Dir, or takes over those already running,
// and returns once both answer and the database licenseledger exists. When it
// fails, it has ended what it started.
func Start(ctx context.Context, o Options) (*Servers, error) {
	s, err := open(o)
	if err != nil {
		return nil, fmt.Errorf("embedded servers: %w", err)
	}
	if err := s.start(ctx); err != nil {
		s.giveUp(ctx)
		return nil, fmt.Errorf("embedded servers in %s: %w", s.dir, err)
	}
	return s, nil
}

func (s *Servers) start(ctx context.Context) error {
	steps := []func(context.Context) error{
		s.findTools,
		s.makeRoom,
		s.chooseAccount,
		s.openSockets,
		s.startRedis,
		s.startPostgres,
		s.createDatabase,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Stop ends the servers of the folder, also those taken over from an earlier
// process, and gives the folder free. Calling it again does nothing.
func (s *Servers) Stop(ctx context.Context) error {
	if s.lock == nil {
		return nil
	}
	var wg sync.WaitGroup
	var postgresErr, redisErr error
	wg.Go(func() { postgresErr = s.stopPostgres(ctx) })
	wg.Go(func() { redisErr = s.stopRedis(ctx) })
	wg.Wait()
	if err := errors.Join(postgresErr, redisErr); err != nil {
		// The lock stays: whoever calls Stop again can still finish the job.
		return fmt.Errorf("embedded servers in %s: %w", s.dir, err)
	}
	s.removeSockets()
	s.release()
	return nil
}

// giveUp ends what a failed Start started. What it took over keeps running.
func (s *Servers) giveUp(ctx context.Context) {
	// Start may have failed because ctx ended; the cleaning up must not.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*patience)
	defer cancel()
	if s.postgres.child != nil {
		if err := s.stopPostgres(ctx); err != nil {
			s.log.Error("cleaning up after a failed start", "err", err)
		}
	}
	if s.redis.child != nil {
		if err := s.stopRedis(ctx); err != nil {
			s.log.Error("cleaning up after a failed start", "err", err)
		}
	}
	s.release()
}

// release gives the folder free and leaves the servers running.
func (s *Servers) release() {
	if s.lock != nil {
		_ = s.lock.Close() // the kernel drops the lock either way
		s.lock = nil
	}
}

// open makes the folder and locks it.
func open(o Options) (*Servers, error) {
	if runtime.GOOS != "linux" {
		return nil, errors.New("they need Linux; set DATABASE_URL and REDIS_URL instead")
	}
	if o.Dir == "" {
		return nil, errors.New("no folder given")
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("find the folder %s: %w", o.Dir, err)
	}
	for _, d := range []string{dir, filepath.Join(dir, "redis"), filepath.Join(dir, "log")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("make the data folder: %w", err)
		}
	}
	// The kernel reports working folders by their real names.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, fmt.Errorf("find the folder %s: %w", o.Dir, err)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Servers{dir: dir, throwaway: o.Throwaway, log: log, lock: lock}
	s.postgres = server{
		name:    "Postgres",
		home:    home{dir: filepath.Join(dir, "postgres"), command: "postgres"},
		logFile: filepath.Join(dir, "log", "postgres.log"),
	}
	s.redis = server{
		name:    "Redis",
		home:    home{dir: filepath.Join(dir, "redis"), command: "redis-server"},
		logFile: filepath.Join(dir, "log", "redis.log"),
	}
	return s, nil
}

// lockFolder makes sure one process at a time manages the servers. The kernel
// drops the lock with the process, however that ended; the servers never
// inherit it.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		defer f.Close()
		holder := "unknown"
		if b, err := io.ReadAll(f); err == nil && len(b) > 0 {
			holder = strings.TrimSpace(string(b))
		}
		return nil, fmt.Errorf("%s is in use by another worker (pid %s)", dir, holder)
	}
	if err == nil {
		err = f.Truncate(0)
	}
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock the data folder %s: %w", dir, err)
	}
	return f, nil
}

// makeRoom refuses a disk on which Postgres would only fail later, and with a
// worse message.
func (s *Servers) makeRoom(context.Context) error {
	need := uint64(64 << 20)
	if _, err := os.Stat(s.postgres.home.dir); errors.Is(err, os.ErrNotExist) {
		need = 256 << 20
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(s.dir, &fs); err != nil {
		return fmt.Errorf("ask for the free disk space: %w", err)
	}
	if free := fs.Bavail * uint64(fs.Bsize); free < need {
		return fmt.Errorf("the disk is full: %d MB are free, at least %d MB are needed", free>>20, need>>20)
	}
	return nil
}
