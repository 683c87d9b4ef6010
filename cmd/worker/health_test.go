package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
)

func TestMain(m *testing.M) { testdb.Main(m) }

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// asks is a worker whose admin address is asked, without a network.
type asks struct {
	*worker
	t *testing.T
}

func newAsks(t *testing.T, redisURL string) *asks {
	t.Helper()
	w := &worker{log: slog.New(slog.DiscardHandler)}
	var err error
	w.ledger, err = store.Open(t.Context(), testdb.URL(t))
	check(t, err)
	w.redis, err = jobs.OpenRedis(redisURL)
	check(t, err)
	w.observe()
	t.Cleanup(w.close)
	return &asks{worker: w, t: t}
}

func (a *asks) wants(path string, code int, body string) {
	a.t.Helper()
	out := httptest.NewRecorder()
	adminHandler(a.worker).ServeHTTP(out, httptest.NewRequest(http.MethodGet, path, nil))
	if out.Code != code || !strings.Contains(out.Body.String(), body) {
		a.t.Errorf("%s: %d %s, want %d %s", path, out.Code, out.Body, code, body)
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	a := newAsks(t, testdb.Redis(t))
	a.wants("/healthz", 200, `{"status":"ok"}`)
	a.wants("/readyz", 200, `{"status":"ready","postgres":{"ok":true},"schema":{"ok":true},"redis":{"ok":true}}`)
	a.wants("/metrics", 200, "\nlicenseledger_commands_waiting 0\n")
}

// The sweeper goes on without Redis.
func TestReadyWithoutRedis(t *testing.T) {
	t.Parallel()
	a := newAsks(t, "unix:"+t.TempDir()+"/nobody.sock")
	a.wants("/healthz", 200, `{"status":"ok"}`)
	a.wants("/readyz", 200, `{"status":"degraded","postgres":{"ok":true},"schema":{"ok":true},"redis":{"ok":false,"detail":"Redis cannot be reached`)
	a.wants("/metrics", 200, "\nlicenseledger_redis_up 0\n")
}

// A full Redis answers what it is asked, and takes nothing. All tests share it, so
// this one is not parallel.
func TestReadyWithAFullRedis(t *testing.T) {
	a := newAsks(t, testdb.Redis(t))
	limit := func(ctx context.Context, memory string) { check(t, a.redis.ConfigSet(ctx, "maxmemory", memory).Err()) }
	t.Cleanup(func() { limit(context.Background(), "0") })
	limit(t.Context(), "1")
	a.wants("/readyz", 200, `{"status":"degraded","postgres":{"ok":true},"schema":{"ok":true},"redis":{"ok":false,"detail":"Redis is full and takes no writes; commands are found in the journal, about ten seconds later"}}`)
	a.wants("/metrics", 200, "\nlicenseledger_redis_up 0\n")
	a.wants("/metrics", 200, "\nlicenseledger_queue_tasks{") // what fills it, perhaps
	limit(t.Context(), "0")
	a.wants("/readyz", 200, `"redis":{"ok":true}}`)
}

func TestNotReady(t *testing.T) {
	t.Parallel()
	a := newAsks(t, testdb.Redis(t))
	a.ledger.Close() // as good as a Postgres that is away
	a.wants("/healthz", 200, `{"status":"ok"}`)
	a.wants("/readyz", 503, `{"status":"unready","postgres":{"ok":false,"detail":"Postgres cannot be reached, or has no ledger"},"schema":{"ok":false,"detail":"unknown"},"redis":{"ok":true}}`)
	a.wants("/metrics", 200, "\nlicenseledger_postgres_up 0\n")
}

func TestNotReadyForAnOlderSchema(t *testing.T) {
	t.Parallel()
	url := testdb.URL(t)
	ledger, err := store.Open(t.Context(), url)
	check(t, err)
	pool, err := pgxpool.New(t.Context(), url)
	check(t, err)
	defer pool.Close()
	redis, err := jobs.OpenRedis(testdb.Redis(t))
	check(t, err)
	a := &asks{t: t, worker: &worker{log: slog.New(slog.DiscardHandler), ledger: ledger, redis: redis}}
	a.observe()
	t.Cleanup(a.close)
	_, err = pool.Exec(t.Context(), "DELETE FROM goose_db_version WHERE version_id > 2")
	check(t, err)
	a.wants("/readyz", 503, `"schema":{"ok":false,"detail":"version 2, but this worker needs `)
	_, err = pool.Exec(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)")
	check(t, err)
	a.wants("/readyz", 200, `"status":"ready"`) // a newer worker has migrated already
}

// One line per batch, one per rejection at debug, and nobody's name.
func TestTheLogOfABatch(t *testing.T) {
	t.Parallel()
	b := store.Batch{
		Took: 25 * time.Millisecond, Ages: []time.Duration{time.Second, 40 * time.Millisecond},
		Steps: []domain.Step{
			{Envelope: &domain.Envelope{ID: "a", Source: "portal", Kind: "stock.purchase", Actor: "ada@northwind.example"}},
			{Envelope: &domain.Envelope{ID: "b", Source: "portal", Kind: "stock.transfer", Actor: "ada@northwind.example"}},
		},
		Outcomes: []domain.Outcome{{Status: domain.Applied}, {Status: domain.Rejected, Reason: domain.PermissionDenied, Detail: "ada@northwind.example may not"}},
	}
	for level, want := range map[slog.Level]string{
		slog.LevelInfo: "level=INFO msg=batch commands=2 applied=1 rejected=1 took_ms=25 first=stock.purchase oldest_ms=1000\n",
		slog.LevelDebug: "level=DEBUG msg=rejected id=b source=portal kind=stock.transfer reason=permission_denied\n" +
			"level=INFO msg=batch commands=2 applied=1 rejected=1 took_ms=25 first=stock.purchase oldest_ms=1000\n",
	} {
		var out bytes.Buffer
		logBatch(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}})), b)
		if out.String() != want {
			t.Errorf("%s:\n%s", level, out.String())
		}
	}
}
