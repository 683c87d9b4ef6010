package embedded

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// startRedis takes over the Redis of the folder, or starts it.
func (s *Servers) startRedis(ctx context.Context) error {
	if err := s.redis.home.end(ctx, orphaned, syscall.SIGTERM, syscall.SIGKILL); err != nil {
		return fmt.Errorf("end the Redis of a deleted folder: %w", err)
	}
	procs, err := s.redis.home.processes()
	if err != nil {
		return err
	}
	if len(procs) > 0 {
		err := s.redis.await(ctx, procs[0].pid, s.pingRedis)
		if err == nil {
			s.log.Info("took over the running Redis", "pid", procs[0].pid)
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
		// It may have lost its socket, or be on its way out.
		s.log.Warn("starting Redis anew", "err", err)
		if err := s.stopRedis(ctx); err != nil {
			return err
		}
	}
	if err := s.redis.launch(s.redisCommand(), s.throwaway); err != nil {
		return err
	}
	return s.redis.await(ctx, 0, s.pingRedis)
}

func (s *Servers) redisCommand() *exec.Cmd {
	appendOnly, databases := "yes", "16"
	if s.throwaway {
		appendOnly, databases = "no", "256"
	}
	cmd := exec.Command(s.tools.redis,
		"--port", "0",
		"--unixsocket", s.redisSocket(),
		"--unixsocketperm", "700",
		"--daemonize", "no",
		"--databases", databases,
		"--appendonly", appendOnly,
		"--appendfsync", "everysec",
		"--save", "",
		// A queue that drops entries when memory is short would lose work.
		"--maxmemory-policy", "noeviction",
	)
	// Redis keeps its data where it was started.
	cmd.Dir = s.redis.home.dir
	cmd.Env = serverEnv()
	return cmd
}

// pingRedis asks for a sign of life. It needs no client library for that, which
// would retry on its own and log what is expected here.
func (s *Servers) pingRedis(ctx context.Context) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", s.redisSocket())
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	switch {
	case err != nil:
		return err
	case strings.HasPrefix(answer, "+PONG"):
		return nil
	case strings.HasPrefix(answer, "-LOADING"):
		return fmt.Errorf("%w: %s", errBusy, strings.TrimSpace(answer))
	default:
		return errors.New(strings.TrimSpace(answer))
	}
}

func (s *Servers) stopRedis(ctx context.Context) error {
	return s.redis.stop(ctx, syscall.SIGTERM, syscall.SIGKILL)
}

// serverEnv keeps the worker's settings away from the servers: a PGOPTIONS meant
// for some other database would change ours, and secrets have no business there.
func serverEnv() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}
