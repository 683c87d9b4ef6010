package jobs_test

import (
	"bufio"
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// ledger is a running worker's core on real servers, with a client.
type ledger struct {
	t      *testing.T
	store  *store.Store
	client *jobs.Client
	pool   *pgxpool.Pool
}

func start(t *testing.T) *ledger {
	t.Helper()
	return startOn(t, testdb.URL(t), testdb.Redis(t))
}

// startOn starts one more worker, with a client of its own, where others may run already.
func startOn(t *testing.T, databaseURL, redisURL string) *ledger {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	s, err := store.Open(t.Context(), databaseURL)
	check(t, err)
	check(t, s.SetClockMode(t.Context(), true))
	redis, err := jobs.OpenRedis(redisURL)
	check(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	batcher := jobs.NewBatcher(s, jobs.DefaultBatchCap, log).RenderWith(notify.Documents)
	server := jobs.NewServer(redis, batcher, log)
	sweeper := jobs.NewSweeper(s, batcher, log)
	done := make(chan struct{}, 2)
	go func() { batcher.Run(ctx); done <- struct{}{} }()
	go func() { sweeper.Run(ctx); done <- struct{}{} }()
	check(t, server.Start())
	client, err := jobs.Connect(t.Context(), databaseURL, redisURL, log)
	check(t, err)
	pool, err := pgxpool.New(t.Context(), databaseURL)
	check(t, err)
	t.Cleanup(func() {
		server.Shutdown()
		cancel()
		<-done
		<-done
		check(t, client.Close())
		pool.Close()
		s.Close()
		check(t, redis.Close())
	})
	return &ledger{t: t, store: s, client: client, pool: pool}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// file runs a file of commands in order and returns their outcomes.
func (l *ledger) file(name string) []jobs.Outcome {
	l.t.Helper()
	f, err := os.Open(name)
	check(l.t, err)
	defer f.Close()
	var commands []jobs.Command
	for lines := bufio.NewScanner(f); lines.Scan(); {
		c, problems := jobs.Parse(lines.Bytes())
		if len(problems) > 0 {
			l.t.Fatalf("%s: %s: %v", name, lines.Text(), problems)
		}
		commands = append(commands, c)
	}
	return l.run(commands)
}

func (l *ledger) run(commands []jobs.Command) []jobs.Outcome {
	l.t.Helper()
	outcomes, err := l.client.Do(l.t.Context(), commands, jobs.Run{Serial: true, Wait: true, Timeout: 30 * time.Second})
	check(l.t, err)
	return outcomes
}

func (l *ledger) verify() {
	l.t.Helper()
	check(l.t, l.store.Check(l.t.Context(), func(d string) { l.t.Error(d) }))
}
