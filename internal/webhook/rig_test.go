package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/licenseledger/licenseledger/internal/events"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/testdb"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// rig is a ledger in which things happen, and a receiver of what is told of them.
type rig struct {
	t        *testing.T
	database string
	store    *store.Store
	pool     *pgxpool.Pool
	log      *slog.Logger
	url      string

	mu      sync.Mutex
	answer  func(n int, w http.ResponseWriter) // to request n, counted from 1; nil: taken
	came    []received
	subject []string // of the events that were taken, in order
}

type received struct {
	header http.Header
	body   []byte
	event  events.Event
}

func newRig(t *testing.T) *rig {
	t.Helper()
	databaseURL := testdb.URL(t)
	s, err := store.Open(t.Context(), databaseURL)
	check(t, err)
	t.Cleanup(s.Close)
	pool, err := pgxpool.New(t.Context(), databaseURL)
	check(t, err)
	t.Cleanup(pool.Close)
	r := &rig{t: t, database: databaseURL, store: s, pool: pool, log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ServeHTTP receives.
func (r *rig) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	got := received{header: request.Header, body: body}
	if err == nil {
		err = json.Unmarshal(body, &got.event)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil || request.Method != http.MethodPost {
		r.t.Errorf("%s %s: %v", request.Method, body, err)
	}
	r.came = append(r.came, got)
	recorder := httptest.NewRecorder()
	if r.answer != nil {
		r.answer(len(r.came), recorder)
	}
	for name, values := range recorder.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(recorder.Code)
	_, _ = w.Write(recorder.Body.Bytes())
	if recorder.Code < 300 {
		r.subject = append(r.subject, got.event.Subject)
	}
}

func (r *rig) answers(how func(n int, w http.ResponseWriter)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = how
}

func (r *rig) requests() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received(nil), r.came...)
}

func (r *rig) taken() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.subject...)
}

// happen lets products be put, numbered from one to another.
func (r *rig) happen(from, to int) {
	r.t.Helper()
	for n := from; n <= to; n++ {
		_, err := r.pool.Exec(r.t.Context(), `
			WITH gate AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(hashtext('licenseledger gate'))
			), c AS (
				INSERT INTO commands (source, id, kind, actor, on_behalf_of, preview, body, hash, accepted_at)
				SELECT 'default', $1::text, 'product.put', '', '', '', json_build_object('id', $1::text, 'name', 'Nobody''s business'), '', now() FROM gate RETURNING seq
			)
			INSERT INTO outcomes (seq, no, status, reason, detail, summary, at, result)
			SELECT seq, nextval('ledger_no'), 'applied', '', '', '', now(), '{}' FROM c`, product(n))
		check(r.t, err)
	}
}

func product(n int) string { return fmt.Sprintf("p%03d", n) }

func products(from, to int) (names []string) {
	for n := from; n <= to; n++ {
		names = append(names, product(n))
	}
	return names
}

func (r *rig) hook(types ...string) (id string, secret []byte) {
	r.t.Helper()
	id, secret, err := r.store.AddWebhook(r.t.Context(), store.Webhook{URL: r.url, Types: types})
	check(r.t, err)
	return id, secret
}

// work starts a worker that is in a hurry.
func (r *rig) work(change ...func(*Sender)) (stop func()) {
	r.t.Helper()
	s := New(r.store, r.log, time.Now)
	s.poll, s.backoff = 5*time.Millisecond, func(int64) time.Duration { return 10 * time.Millisecond }
	for _, c := range change {
		c(s)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { s.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	r.t.Cleanup(stop)
	return stop
}

func (r *rig) listed(id string) store.WebhookRow {
	r.t.Helper()
	rows, err := r.store.Webhooks(r.t.Context())
	check(r.t, err)
	for _, row := range rows {
		if row.Webhook == id {
			return row
		}
	}
	r.t.Fatalf("no webhook %s", id)
	return store.WebhookRow{}
}

// until waits for something to be true.
func (r *rig) until(what string, is func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("never: %s; %d requests", what, len(r.requests()))
		}
	}
}
