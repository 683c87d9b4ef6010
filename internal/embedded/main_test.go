package embedded

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// The test binary, run again with these settings, is a worker that holds the
// servers of a folder until it is killed.
const (
	workerFolder    = "EMBEDDED_TEST_FOLDER"
	workerThrowaway = "EMBEDDED_TEST_THROWAWAY"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(workerFolder); dir != "" {
		s, err := Start(context.Background(), Options{Dir: dir, Throwaway: os.Getenv(workerThrowaway) != ""})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("ready")
		_, _ = io.Copy(io.Discard, os.Stdin) // until the test closes it
		if err := s.Stop(context.Background()); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// worker is another process that holds a folder.
type worker struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.Closer
}

// startWorker runs the other worker and returns the first line it prints, which
// is "ready" or why it failed.
func startWorker(t *testing.T, dir string, change ...func(*exec.Cmd)) (*worker, string) {
	t.Helper()
	// Through /proc it can be run by a user who may not enter its folder.
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), workerFolder+"="+dir)
	cmd.Stderr = os.Stderr
	for _, f := range change {
		f(cmd)
	}
	stdin, err := cmd.StdinPipe()
	check(t, err)
	stdout, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	w := &worker{t: t, cmd: cmd, stdin: stdin}
	t.Cleanup(w.kill)
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	return w, strings.TrimSpace(line)
}

func (w *worker) kill() {
	_ = w.cmd.Process.Kill()
	_, _ = w.cmd.Process.Wait()
}

func (w *worker) stop() {
	w.t.Helper()
	check(w.t, w.stdin.Close())
	check(w.t, w.cmd.Wait())
}

func throwaway(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, workerThrowaway+"=1") }

func asNobody(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	cmd.Dir = "/"
}

// folder is a data folder with a short name. Whatever a failing test leaves
// running there is killed.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "embedded-")
	check(t, err)
	data := filepath.Join(dir, "data")
	t.Cleanup(func() {
		for _, h := range homes(data) {
			_ = h.end(context.Background(), all, syscall.SIGKILL)
		}
		check(t, os.RemoveAll(dir))
	})
	return data
}

func homes(dir string) []home {
	return []home{{filepath.Join(dir, "postgres"), "postgres"}, {filepath.Join(dir, "redis"), "redis-server"}}
}

func start(t *testing.T, dir string) *Servers {
	t.Helper()
	s, err := tryStart(t, dir)
	check(t, err)
	return s
}

func tryStart(t *testing.T, dir string) (*Servers, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return Start(ctx, Options{Dir: dir, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
}

func stop(t *testing.T, s *Servers) {
	t.Helper()
	check(t, s.Stop(t.Context()))
	if left := running(t, s.dir); len(left) > 0 {
		t.Errorf("Stop left processes behind: %v", left)
	}
}

// running lists the processes of the servers of dir.
func running(t *testing.T, dir string) map[int]string {
	t.Helper()
	pids := map[int]string{}
	for _, h := range homes(dir) {
		procs, err := h.processes()
		check(t, err)
		for _, p := range procs {
			pids[p.pid] = h.command
		}
	}
	return pids
}

// leaders are the pids of the two servers themselves.
func leaders(t *testing.T, s *Servers) [2]int {
	t.Helper()
	procs, err := s.postgres.home.processes()
	check(t, err)
	redis, err := s.redis.home.processes()
	check(t, err)
	if len(redis) != 1 {
		t.Fatalf("%d Redis run, want 1", len(redis))
	}
	return [2]int{s.postmaster(procs), redis[0].pid}
}

func postgres(t *testing.T, s *Servers) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DatabaseURL)
	check(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func redisClient(t *testing.T, s *Servers) *redis.Client {
	t.Helper()
	opts, err := redis.ParseURL(s.RedisURL)
	check(t, err)
	client := redis.NewClient(opts)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// remember puts something into both servers, for recall to find.
func remember(t *testing.T, s *Servers) {
	t.Helper()
	_, err := postgres(t, s).Exec(t.Context(), "create table kept (word text); insert into kept values ('ledger')")
	check(t, err)
	check(t, redisClient(t, s).Set(t.Context(), "kept", "queue", 0).Err())
}

func recall(t *testing.T, s *Servers) {
	t.Helper()
	var word string
	check(t, postgres(t, s).QueryRow(t.Context(), "select word from kept").Scan(&word))
	if word != "ledger" {
		t.Errorf("Postgres has %q, want ledger", word)
	}
	if got, err := redisClient(t, s).Get(t.Context(), "kept").Result(); err != nil || got != "queue" {
		t.Errorf("Redis has %q, %v, want queue", got, err)
	}
}

func setting(t *testing.T, conn *pgx.Conn, name string) string {
	t.Helper()
	var value string
	check(t, conn.QueryRow(t.Context(), "select current_setting($1)", name).Scan(&value))
	return value
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
}

// eventually waits for something that other processes do.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 500 {
		if ok() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("never happened: %s", what)
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q:\n%v", part, err)
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
