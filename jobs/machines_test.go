package jobs_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

// program finds a server program. Where it is missing, the test is skipped, and
// says what to install.
func program(t *testing.T, name string) string {
	t.Helper()
	for _, candidate := range []string{name, "/usr/sbin/" + name, "/usr/bin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	t.Skipf("NOT TESTED: %s is not installed; apt-get install pgbouncer redis-sentinel redis-server", name)
	return ""
}

// process is a server that a test has started.
type process struct {
	t   *testing.T
	cmd *exec.Cmd
	log string
}

// launch starts a program, which is killed when the test ends.
func launch(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, log: filepath.Join(t.TempDir(), "log")}
	log, err := os.Create(p.log)
	check(t, err)
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL // also if the test is killed
	check(t, cmd.Start())
	t.Cleanup(p.kill)
	return p
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // killed
	if p.t.Failed() {
		log, _ := os.ReadFile(p.log)
		p.t.Logf("%s:\n%s", p.cmd.Path, log[max(0, len(log)-2000):])
	}
}

// freePort is one nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("after 20 seconds not yet: %s", what)
		}
	}
}

// redisNode is a Redis of a test.
type redisNode struct {
	*process
	port, bus int
	client    *redis.Client
}

func (n *redisNode) addr() string { return "127.0.0.1:" + strconv.Itoa(n.port) }

// do sends a command that must be understood.
func (n *redisNode) do(args ...any) string {
	n.t.Helper()
	answer, err := n.client.Do(n.t.Context(), args...).Text()
	if err != nil {
		n.t.Fatalf("%v: %v", args, err)
	}
	return answer
}

func startRedis(t *testing.T, args ...string) *redisNode {
	t.Helper()
	n := &redisNode{port: freePort(t), bus: freePort(t)}
	args = append([]string{"--port", strconv.Itoa(n.port), "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0", "--loglevel", "warning"}, args...)
	if args[len(args)-1] == "--cluster-port" {
		args = append(args, strconv.Itoa(n.bus))
	}
	n.process = launch(t, exec.Command(program(t, "redis-server"), args...))
	n.client = redis.NewClient(&redis.Options{Addr: n.addr()})
	t.Cleanup(func() { _ = n.client.Close() })
	eventually(t, "Redis answers", func() bool { return n.client.Ping(t.Context()).Err() == nil })
	return n
}

// loads has clients move licenses out of one lot, one each, singly and packed,
// while something happens; every one must be moved, none twice.
func (r *rig) loads(clients, each int, meanwhile func()) {
	r.t.Helper()
	const spare = 7
	r.run([]jobs.Command{buyLot("load", clients*each+spare)})
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	moved := make([]map[string]int, clients)
	var all sync.WaitGroup
	for i := range clients {
		moved[i] = map[string]int{}
		client := r.connect(r.redisURL)
		all.Go(func() {
			for n := 0; n < each; {
				var pack []jobs.Command
				for range min(1+i*5, each-n) {
					pack = append(pack, moveSome(fmt.Sprintf("m%d-%d", i, n), 1))
					n++
				}
				outcomes, err := client.Do(ctx, pack, jobs.Run{Wait: true, Timeout: 30 * time.Second})
				if err != nil {
					r.t.Error(err)
					return
				}
				for what, n := range count(outcomes) {
					moved[i][what] += n
				}
			}
		})
	}
	if meanwhile != nil {
		eventually(r.t, "some are moved", func() bool { return r.number("SELECT count(*) FROM outcomes") > int64(clients) })
		meanwhile()
	}
	all.Wait()
	for i, what := range moved {
		if what[string(domain.Applied)] != each || len(what) != 1 {
			r.t.Errorf("client %d: %v, want %d applied", i, what, each)
		}
	}
	if left, waiting := r.number("SELECT sum(remaining) FROM lots"), r.number("SELECT count(*) FROM pending"); left != spare || waiting != 0 {
		r.t.Errorf("%d remain, want %d; %d commands wait", left, spare, waiting)
	}
	r.verify()
}
