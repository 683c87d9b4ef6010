package metrics_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/metrics"
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

// ledger is a ledger that is watched, with a clock that tests may turn on.
type ledger struct {
	t       *testing.T
	store   *store.Store
	pool    *pgxpool.Pool
	metrics *metrics.Metrics
	log     *slog.Logger
	url     string

	mu     sync.Mutex
	ahead  time.Duration
	queues metrics.Queues
	probe  metrics.Probe
}

func newLedger(t *testing.T) *ledger {
	t.Helper()
	l := &ledger{t: t, url: testdb.URL(t), log: slog.New(slog.DiscardHandler)}
	s, err := store.Open(t.Context(), l.url)
	check(t, err)
	t.Cleanup(s.Close)
	l.store = s
	l.pool, err = pgxpool.New(t.Context(), l.url)
	check(t, err)
	t.Cleanup(l.pool.Close)
	l.queues = func(context.Context) ([]jobs.QueueFigures, error) { return nil, nil }
	l.probe = func(context.Context) error { return nil }
	l.metrics = metrics.New(metrics.Sources{
		Ledger: s, Kinds: []string{"stock.purchase", "tax.put"}, Now: l.now,
		Queues: func(ctx context.Context) ([]jobs.QueueFigures, error) { return l.queues(ctx) },
		Probe:  func(ctx context.Context) error { return l.probe(ctx) },
	})
	s.Watch(l.now, l.metrics.Batch, l.metrics.Refused)
	return l
}

func (l *ledger) now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Add(l.ahead)
}

// later lets what was read before be too old.
func (l *ledger) later() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ahead += 2 * time.Minute
}

func (l *ledger) exec(sql string) {
	l.t.Helper()
	_, err := l.pool.Exec(l.t.Context(), sql)
	check(l.t, err)
}

// scrape is what Prometheus would read.
func (l *ledger) scrape() string {
	l.t.Helper()
	out := httptest.NewRecorder()
	l.metrics.Handler().ServeHTTP(out, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return out.Body.String()
}

// has wants lines in a scrape of what is new; one that begins with ! must not be there.
func (l *ledger) has(lines ...string) {
	l.t.Helper()
	l.later()
	got := "\n" + l.scrape()
	for _, line := range lines {
		unwanted, not := strings.CutPrefix(line, "!")
		if there := strings.Contains(got, "\nlicenseledger_"+unwanted); there == not {
			l.t.Errorf("%s: %v\n%s", line, there, ours(got))
		}
	}
}

func ours(scrape string) string {
	var kept []string
	for line := range strings.Lines(scrape) {
		if strings.HasPrefix(line, "licenseledger_") && !strings.Contains(line, "_bucket") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// accept writes commands into the journal and returns those that wait.
func (l *ledger) accept(lines ...string) []store.JournalRow {
	l.t.Helper()
	client, err := jobs.Connect(l.t.Context(), l.url, testdb.Redis(l.t), l.log)
	check(l.t, err)
	defer client.Close()
	var commands []jobs.Command
	for _, line := range lines {
		c, problems := jobs.Parse([]byte(line))
		if len(problems) > 0 {
			l.t.Fatal(problems)
		}
		commands = append(commands, c)
	}
	_, err = client.Do(l.t.Context(), commands, jobs.Run{Timeout: 20 * time.Second})
	check(l.t, err)
	rows, err := l.pool.Query(l.t.Context(), "SELECT seq FROM pending WHERE dead_at IS NULL")
	check(l.t, err)
	seqs, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	check(l.t, err)
	waiting, err := l.store.Commands(l.t.Context(), seqs)
	check(l.t, err)
	return waiting
}

// execute decides what waits, all of one class, in one batch.
func (l *ledger) execute(waiting []store.JournalRow) {
	l.t.Helper()
	var envelopes []*domain.Envelope
	for _, row := range waiting {
		envelopes = append(envelopes, jobs.Envelope(row))
	}
	_, err := l.store.Execute(l.t.Context(), domain.ClassOf(waiting[0].Kind), envelopes)
	check(l.t, err)
}

const (
	swedish = `{"id":"tax-se","kind":"tax.put","body":{"country":"SE","rate":"25","from":"2026-01-01"}}`
	danish  = `{"id":"tax-dk","kind":"tax.put","body":{"country":"DK","rate":"25","from":"2026-01-01"}}`
	buying  = `{"id":"buy","kind":"stock.purchase","actor":"ada@northwind.example","body":{"contract":"C-1","account":"northwind","product":"pro","quantity":3}}`
	selling = `{"id":"sell","kind":"stock.transfer","actor":"ada@northwind.example","body":{"from":"northwind","to":"acme","product":"pro","quantity":3}}`
)

func TestCommandsAreCountedByWhatBecameOfThem(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	waiting := l.accept(swedish, danish)
	l.has("commands_waiting 2", "commands_dead 0", "postgres_up 1", `!commands_total{`)
	l.execute(waiting)
	l.execute(l.accept(buying, selling))
	l.metrics.Refused(store.Instruction{Kind: ""}, &domain.Rejection{Reason: domain.SignatureInvalid})
	l.has("commands_waiting 0", "oldest_waiting_seconds 0",
		`commands_total{kind="tax.put",reason="",status="applied"} 2`,
		`commands_total{kind="stock.purchase",reason="actor_not_found",status="rejected"} 1`,
		`commands_total{kind="other",reason="actor_not_found",status="rejected"} 1`, // a kind that is not in the table
		`commands_total{kind="other",reason="signature_invalid",status="rejected"} 1`,
		`batch_commands_count{class="catalog"} 1`, `batch_commands_sum{class="catalog"} 2`, `batch_commands_count{class="business"} 1`,
		`batch_duration_seconds_count{class="business"} 1`, `command_latency_seconds_count{class="business"} 2`)
}

// Latency is reckoned by the clock of Postgres; while that stands still there is none.
func TestTheTestClockHasNoLatency(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	check(t, l.store.SetClockMode(t.Context(), true))
	l.execute(l.accept(swedish))
	l.has(`batch_commands_count{class="catalog"} 1`, `command_latency_seconds_count{class="catalog"} 0`)
}

func TestWhatWaitsAndWhatIsDeadHasAnAge(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	waiting := l.accept(swedish)
	l.exec("ALTER TABLE commands DISABLE TRIGGER append_only")
	l.exec("UPDATE commands SET accepted_at = accepted_at - interval '1 hour'")
	l.has("commands_waiting 1", "oldest_waiting_seconds 360", "commands_retrying 0") // 3600 and some
	_, err := l.store.Fail(t.Context(), waiting[0].Seq, context.DeadlineExceeded, 0)
	check(t, err)
	l.has("commands_waiting 1", "commands_retrying 1", "commands_dead 0", "oldest_dead_seconds 0")
	for range store.MaxAttempts {
		_, err := l.store.Fail(t.Context(), waiting[0].Seq, context.DeadlineExceeded, 0)
		check(t, err)
	}
	l.exec("UPDATE pending SET dead_at = dead_at - interval '1 hour'")
	l.has("commands_waiting 0", "commands_dead 1", "oldest_waiting_seconds 0", "oldest_dead_seconds 360")
	back, err := l.store.Retry(t.Context(), waiting[0].Seq) // as enqueue retry does
	check(t, err)
	if !back {
		t.Fatal("it was not dead")
	}
	l.has("commands_waiting 1", "commands_dead 0", "commands_retrying 0")
}

func TestMailByState(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	l.exec(`INSERT INTO mail (no, n, event, account, recipient, name, locale, params, key, created_at, state, next_at)
	        SELECT 1, n, 'order.rejected', 'acme', 'max@acme.example', 'Max', 'en', '{}', gen_random_uuid(), clock_timestamp() - n * interval '1000 seconds', state,
	               CASE n WHEN 6 THEN 'infinity' ELSE clock_timestamp() END
	        FROM unnest(ARRAY['pending', 'pending', 'sent', 'failed', 'in_doubt', 'pending']) WITH ORDINALITY AS m (state, n)`)
	l.metrics.Mail(store.MailSent)
	l.has(`mail_waiting{state="pending"} 2`, `mail_waiting{state="held"} 1`, `mail_waiting{state="in_doubt"} 1`, `mail_waiting{state="sending"} 0`,
		`mail_oldest_waiting_seconds{state="pending"} 200`, `mail_oldest_waiting_seconds{state="held"} 600`, "mail_failed 1",
		`mail_attempts_total{state="sent"} 1`, `mail_attempts_total{state="failed"} 0`)
}

func TestSchedulesThatAreLate(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	l.has(`schedule_lag_seconds{schedule="stock.expire"} 0`, `schedule_lag_seconds{schedule="month.close"} 0`, `schedule_needs_attention{schedule="month.close"} 0`)
	l.exec(`INSERT INTO lots (lot, account, product, contract, quantity, remaining, purchased_on, expires_on, no, changed_at, next_due_at)
	        VALUES ('l', 'a', 'p', 'c', 1, 1, '2026-01-01', '2027-01-01', 1, now(), clock_timestamp() - interval '1 hour')`)
	l.exec(`INSERT INTO closes (contract, period, seller, due_at, state)
	        VALUES ('c', '2026-01-01', 's', clock_timestamp() - interval '2 hours', 'sealed'), ('d', '2026-01-01', 's', now(), 'needs_attention')`)
	l.exec(`INSERT INTO due_failures (source_table, id, name, due_at, error) VALUES ('lot', 'm', 'reminder.send', now(), 'a bug')`)
	l.exec(`INSERT INTO number_series (seller, last) VALUES ('s', 2)`)
	l.exec(`INSERT INTO undocumented (contract, period, mail_no, mail_from, mail_to) VALUES ('e', '2026-01-01', 1, 1, 1)`)
	l.has(`schedule_lag_seconds{schedule="stock.expire"} 360`, `schedule_lag_seconds{schedule="month.close"} 720`, `schedule_lag_seconds{schedule="license.expire"} 0`,
		`schedule_needs_attention{schedule="month.close"} 1`, `schedule_needs_attention{schedule="reminder.send"} 1`,
		"invoice_number_gaps 2", "invoice_months_due 1", "invoices_without_documents 1")
}

// What cannot be read is not told: the last figures would look like good news.
func TestWithoutServers(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	l.queues = func(context.Context) ([]jobs.QueueFigures, error) {
		return []jobs.QueueFigures{{Queue: "q", Tasks: map[string]int64{"pending": 3}, OldestPendingSince: l.now().Add(-time.Hour)}}, nil
	}
	l.has("redis_up 1", `queue_tasks{queue="q",state="pending"} 3`, `queue_oldest_pending_seconds{queue="q"} 36`, "postgres_up 1")
	l.probe = func(context.Context) error { return errors.New("full") } // what is in it can be read all the same
	l.has("redis_up 0", `queue_tasks{queue="q",state="pending"} 3`)
	l.queues = func(context.Context) ([]jobs.QueueFigures, error) { return nil, errors.New("refused") }
	l.exec("ALTER TABLE pending RENAME TO pending_before")
	l.has("redis_up 0", "!queue_tasks", "postgres_up 0", "!commands_waiting", "!mail_waiting", "build_info{", `pool_connections_max{pool="commands"}`)
	l.exec("ALTER TABLE pending_before RENAME TO pending")
	l.has("postgres_up 1", "commands_waiting 0")
}

// A Redis that does not answer, whatever the context says, costs a scrape no
// more than the patience; another scrape soon after costs nothing.
func TestAScrapeDoesNotHang(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	var reads atomic.Int64
	forever := make(chan struct{})
	defer close(forever)
	l.queues = func(context.Context) ([]jobs.QueueFigures, error) { reads.Add(1); <-forever; return nil, nil }
	began := time.Now()
	for range 3 {
		l.scrape()
	}
	if took := time.Since(began); took > 20*time.Second || reads.Load() != 1 {
		t.Errorf("%d reads, %s", reads.Load(), took)
	}
}

// Somebody changes a lot by hand: the running check finds it.
func TestTheRunningCheckFindsDrift(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	ctx, cancel := context.WithCancel(t.Context())
	var log bytes.Buffer
	c := &metrics.Checker{
		Ledger: l.store, Metrics: l.metrics, Log: slog.New(slog.NewTextHandler(&log, nil)), Now: l.now, Every: 60 * time.Millisecond, Timeout: 20 * time.Second,
	}
	var running sync.WaitGroup
	running.Go(func() { c.Run(ctx) })
	l.until(`check_discrepancies{part="holdings"} 0`)
	l.exec(`INSERT INTO lots (lot, account, product, contract, quantity, remaining, purchased_on, expires_on, no, changed_at)
	        VALUES ('by-hand', 'a', 'p', 'c', 5, 5, '2026-01-01', '2027-01-01', 1, now())`)
	l.until(`check_discrepancies{part="holdings"} 1`)
	l.until(`check_discrepancies{part="products"} 1`)
	l.until(`check_last_done_timestamp_seconds{part="billing"} `)
	cancel()
	running.Wait()
	if !strings.Contains(log.String(), "lot by-hand: holds 5, but 0 by its movements") {
		t.Error(log.String())
	}
}

// A check that takes too long ends, and two workers do not check at once.
func TestTheRunningCheckIsBounded(t *testing.T) {
	t.Parallel()
	l := newLedger(t)
	none := func(discrepancy string) { t.Error(discrepancy) }
	tx, err := l.pool.Begin(t.Context())
	check(t, err)
	_, err = tx.Exec(t.Context(), "LOCK TABLE movements IN ACCESS EXCLUSIVE MODE")
	check(t, err)
	if _, err := l.store.CheckPart(t.Context(), "holdings", 50*time.Millisecond, none); err == nil {
		t.Error("it did not give up")
	}
	_, err = tx.Exec(t.Context(), "SELECT pg_advisory_xact_lock(hashtext('licenseledger.check'))")
	check(t, err)
	if done, err := l.store.CheckPart(t.Context(), "commands", 20*time.Second, none); done || err != nil {
		t.Errorf("two at once: %v %v", done, err)
	}
	check(t, tx.Rollback(t.Context()))
	if done, err := l.store.CheckPart(t.Context(), "commands", 20*time.Second, none); !done || err != nil {
		t.Errorf("alone: %v %v", done, err)
	}
}

// until waits for a line in the scrapes.
func (l *ledger) until(line string) {
	l.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(l.scrape(), "\nlicenseledger_"+line); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			l.t.Fatalf("%s did not come:\n%s", line, ours(l.scrape()))
		}
	}
}
