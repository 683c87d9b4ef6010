// Package testdb gives every test a database of its own, cloned from a migrated
// template, and a Redis database of its own. Both live in private throwaway
// servers which the tests of one package share; settings like DATABASE_URL in
// the environment play no part.
package testdb

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sys/unix"

	"github.com/licenseledger/licenseledger/internal/embedded"
	"github.com/licenseledger/licenseledger/migrations"
)

const (
	template = "template_licenseledger"
	// redisDatabases is how many a throwaway Redis has; number 0 stays unused.
	redisDatabases = 256
	// patience bounds every single step.
	patience = time.Minute
)

// stack is what Main started.
type stack struct {
	servers *embedded.Servers
	// migrate makes the template once, for the first test that wants a
	// database; all get the same error.
	migrate  func() error
	lastName atomic.Int64
	// redisFree is a queue, so that a number rests as long as possible before
	// another test gets it.
	redisFree chan int
}

var current *stack

// Main runs the tests of a package beside a private Postgres and Redis, and
// exits. Call it from TestMain.
func Main(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if fuzzing() {
		return m.Run()
	}
	durable := os.Getenv("LICENSELEDGER_DURABLE") != ""
	parent := roomiest()
	if durable {
		parent = os.TempDir() // a disk
	}
	sweep(parent)
	dir, err := os.MkdirTemp(parent, fmt.Sprintf("%s%d-", folderPrefix, os.Getpid()))
	if err != nil {
		return failed(err)
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	servers, err := embedded.Start(ctx, embedded.Options{Dir: filepath.Join(dir, "servers"), Log: log, Throwaway: !durable})
	if err != nil {
		return failed(err)
	}
	current = &stack{servers: servers, redisFree: make(chan int, redisDatabases)}
	current.migrate = sync.OnceValue(current.makeTemplate)
	for n := 1; n < redisDatabases; n++ {
		current.redisFree <- n
	}
	code := m.Run()
	ctx, cancel = context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := servers.Stop(ctx); err != nil {
		return failed(err)
	}
	return code
}

// fuzzing says whether the tests are being fuzzed: no fuzz target needs servers,
// and each of its processes would start some.
func fuzzing() bool {
	flag.Parse()
	return flag.Lookup("test.fuzz").Value.String() != ""
}

// folderPrefix is followed by the pid of the tests and something random.
const folderPrefix = "licenseledger-test-"

// roomiest is where the servers live: in memory if there is plenty, because a
// clone is hundreds of files to create and to remove, which a disk makes slow.
func roomiest() string {
	const memory, plenty = "/dev/shm", 4 << 30
	var fs unix.Statfs_t
	if err := unix.Statfs(memory, &fs); err == nil && fs.Bavail*uint64(fs.Bsize) >= plenty && unix.Access(memory, unix.W_OK) == nil {
		return memory
	}
	return os.TempDir()
}

// sweep removes what killed tests left. Their servers ended with them.
func sweep(parent string) {
	left, _ := filepath.Glob(filepath.Join(parent, folderPrefix+"*")) // the pattern is well-formed
	for _, dir := range left {
		name, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), folderPrefix), "-")
		pid, err := strconv.Atoi(name)
		if err == nil && pid > 0 && errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
			_ = os.RemoveAll(dir) // it may be another user's
		}
	}
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, "the servers for the tests:", err)
	return 1
}

// New returns a pool on a fresh, migrated database.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	pool, err := pgxpool.New(ctx, URL(t))
	if err != nil {
		t.Fatalf("connect to the database of the test: %v", err)
	}
	t.Cleanup(func() { closePool(t, pool) })
	return pool
}

// closePool waits for borrowed connections, but not forever: a test that forgot
// one shall fail and say so.
func closePool(t testing.TB, pool *pgxpool.Pool) {
	closed := make(chan struct{})
	go func() {
		pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Errorf("the test kept %d connections of its pool", pool.Stat().AcquiredConns())
	}
}

// URL returns the address of a fresh, migrated database, which is dropped when
// the test ends.
func URL(t testing.TB) string {
	t.Helper()
	s := running(t)
	if err := s.migrate(); err != nil {
		t.Fatalf("make the template of the databases: %v", err)
	}
	name := "test_" + strconv.FormatInt(s.lastName.Add(1), 10)
	if err := s.exec("create database " + name + " template " + template); err != nil {
		t.Fatalf("make the database of the test: %v", err)
	}
	t.Cleanup(func() {
		if err := s.exec("drop database " + name + " with (force)"); err != nil {
			t.Errorf("drop the database of the test: %v", err)
		}
	})
	return s.url(name)
}

// Redis returns the address of an empty Redis database, as `unix:/path?db=N`.
// Publish and subscribe know no databases: channels are shared by all tests of
// the package.
func Redis(t testing.TB) string {
	t.Helper()
	s := running(t)
	var n int
	select {
	case n = <-s.redisFree:
	default:
		t.Fatalf("more than %d tests use Redis at once", redisDatabases-1)
	}
	address := s.servers.RedisURL + "?db=" + strconv.Itoa(n)
	if err := flush(address); err != nil {
		t.Fatalf("empty the Redis database of the test: %v", err)
	}
	t.Cleanup(func() {
		if err := flush(address); err != nil {
			t.Errorf("empty the Redis database of the test: %v", err)
		}
		s.redisFree <- n
	})
	return address
}

func running(t testing.TB) *stack {
	t.Helper()
	if current == nil {
		t.Fatal("no servers for the tests: the package needs `func TestMain(m *testing.M) { testdb.Main(m) }`")
	}
	return current
}

// makeTemplate migrates a database and then bars it: a single connection to it
// would keep it from being cloned.
func (s *stack) makeTemplate() error {
	if err := s.exec("create database " + template); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	if err := migrations.Up(ctx, s.url(template)); err != nil {
		return err
	}
	return s.exec("alter database " + template + " with is_template true allow_connections false")
}

// exec runs a statement on a connection of its own, which leaves no goroutine
// behind that a search for leaks in a test could find.
func (s *stack) exec(sql string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.servers.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	_, err = conn.Exec(ctx, sql)
	return err
}

// url is the address of another database of the same server.
func (s *stack) url(database string) string {
	u, err := url.Parse(s.servers.DatabaseURL)
	if err != nil {
		panic(err) // embedded made it
	}
	u.Path = "/" + database
	return u.String()
}

func flush(address string) error {
	opts, err := redis.ParseURL(address)
	if err != nil {
		return err
	}
	client := redis.NewClient(opts)
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return client.FlushDB(ctx).Err()
}
