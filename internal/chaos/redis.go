package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
)

// redisServer is a private Redis whose death is part of the plan.
type redisServer struct {
	bin, data, socket, logFile string
	child                      *child
	kills                      int
}

func newRedis(dir, disk string) (*redisServer, error) {
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("no Redis is installed; `make setup` installs it: %w", err)
	}
	r := &redisServer{bin: bin, data: filepath.Join(disk, "redis"), socket: filepath.Join(dir, "redis.sock"), logFile: filepath.Join(dir, "redis.log")}
	if err := os.MkdirAll(r.data, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of Redis: %w", err)
	}
	return r, nil
}

func (r *redisServer) start(ctx context.Context) error {
	if r.child.running() {
		return nil
	}
	cmd := exec.Command(r.bin, "--port", "0", "--unixsocket", r.socket, "--daemonize", "no", "--save", "",
		"--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction",
		// Crashed while its disk was full: what it could not write is gone anyway.
		"--aof-load-truncated", "yes")
	cmd.Dir, cmd.SysProcAttr = r.data, &syscall.SysProcAttr{}
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	c, err := launch(cmd, r.logFile)
	if err != nil {
		return err
	}
	client := r.client()
	defer client.Close()
	patient, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for c.running() && patient.Err() == nil {
		if client.Ping(patient).Err() == nil {
			r.child = c
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.kill()
	return fmt.Errorf("starting Redis: it does not come up; see %s", r.logFile)
}

// client is the way around all links, for the harness itself.
func (r *redisServer) client() *redis.Client {
	return redis.NewClient(&redis.Options{Network: "unix", Addr: r.socket, MaxRetries: -1, PoolSize: 2})
}

func (r *redisServer) kill() {
	r.kills++
	r.child.kill()
}

// forget loses what Redis has written down. It must not be running.
func (r *redisServer) forget() error { return os.RemoveAll(filepath.Join(r.data, "appendonlydir")) }
