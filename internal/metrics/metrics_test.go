package metrics_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

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
	l.metrics = metrics.New(metrics.Sources{
		Ledger: s, Kinds: []string{"stock.purchase", "tax.put"}, Now: l.now,
		Queues: func(ctx context.Context) ([]jobs.QueueFigures, error) { return l.queues(ctx) },
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

func (l *ledger) exec(sql string, args ...any) {
	l.t.Helper()
	_, err := l.pool.Exec(l.t.Context(), sql, args...)
	check(l.t, err)
}

// scrape is what Prometheus would read.
func (l *ledger) scrape() string {
	l.t.Helper()
	out := httptest.NewRecorder()
	l.metrics.Handler().ServeHTTP(out, httptest.NewRequest("GET", "/metrics", nil))
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

// execute accepts commands and decides them in one batch.
func (l *ledger) execute(commands ...domain.Command) []int64 {
	l.t.Helper()
	seqs := l.accept(commands...)
	rows, err := l.store.Commands(l.t.Context(), seqs)
	check(l.t, err)
	var envelopes []*domain.Envelope
	for _, row := range rows {
		envelopes = append(envelopes, jobs.Envelope(row))
	}
	_, err = l.store.Execute(l.t.Context(), domain.ClassOf(rows[0].Kind), envelopes)
	check(l.t, err)
	return seqs
}

func (l *ledger) accept(commands ...domain.Command) (seqs []int64) {
	l.t.Helper()
	var instructions []store.Instruction
	for i, body := range commands {
		c := jobs.New(fmt.Sprintf("c%d-%d", l.now().UnixNano(), i), "ada@northwind.example", body)
		if problems := c.Check(); len(problems) > 0 {
			l.t.Fatal(problems)
		}
		content, hash := c.Stored()
		instructions = append(instructions, store.Instruction{Source: c.Source, ID: c.ID, Kind: c.Kind, Actor: string(c.Actor), Body: content, Hash: hash})
	}
	receipts, err := l.store.Accept(l.t.Context(), instructions, false)
	check(l.t, err)
	for _, r := range receipts {
		seqs = append(seqs, r.Seq)
	}
	return seqs
}

var (
	rate = domain.PutTax{Country: "SE", Rate: domain.MustDecimal("25"), From: domain.NewDate(2026, 1, 1), Category: "S"}
	buy  = domain.PurchaseStock{Contract: "C-1", Account: "northwind", Product: "pro", Quantity: 3}
)
