package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/licenseledger/licenseledger/internal/store"
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
}

func tell(out chan<- prometheus.Metric, d *prometheus.Desc, value float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

var (
	postgresUp      = desc("postgres_up", "1 if the figures of the ledger could be read from Postgres.")
	waiting         = desc("commands_waiting", "Commands without an outcome.")
	retrying        = desc("commands_retrying", "Commands without an outcome that have failed before.")
	dead            = desc("commands_dead", "Commands given up for a technical failure.")
	oldestWaiting   = desc("oldest_waiting_seconds", "Since the oldest command without an outcome was accepted.")
	oldestDead      = desc("oldest_dead_seconds", "Since the oldest dead command was given up.")
	mailWaiting     = desc("mail_waiting", "Mails that are not sent, by state; held ones wait for documents.", "state")
	mailOldest      = desc("mail_oldest_waiting_seconds", "Since the oldest mail that is not sent was written, by state.", "state")
	mailFailed      = desc("mail_failed", "Mails given up, of the latest 100,000.")
	scheduleLag     = desc("schedule_lag_seconds", "Since the oldest of what is due and not done has been due.", "schedule")
	scheduleNeeds   = desc("schedule_needs_attention", "What was due and cannot be done without the operator.", "schedule")
	numberGaps      = desc("invoice_number_gaps", "Invoice numbers that were given and have no invoice.")
	monthsDue       = desc("invoice_months_due", "Months of contracts that are sealed and not invoiced.")
	undocumented    = desc("invoices_without_documents", "Invoices whose documents are not made yet.")
	poolConnections = desc("pool_connections", "Connections to Postgres.", "pool", "state")
	poolLimit       = desc("pool_connections_max", "Connections to Postgres at most.", "pool")
	poolWaits       = desc("pool_waits_total", "How often somebody waited for a connection to Postgres.", "pool")
	poolWaited      = desc("pool_wait_seconds_total", "How long somebody waited for a connection to Postgres.", "pool")
)

// ledger collects what Postgres knows.
type ledger struct {
	figures *cached[store.Figures]
	billing *cached[store.BillingFigures]
}

func newLedger(s *store.Store, now func() time.Time) *ledger {
	return &ledger{
		figures: &cached[store.Figures]{now: now, keep: fresh, read: func(ctx context.Context) (store.Figures, error) {
			return s.Figures(ctx, patience)
		}},
		billing: &cached[store.BillingFigures]{now: now, keep: seldom, read: func(ctx context.Context) (store.BillingFigures, error) {
			return s.BillingFigures(ctx, patience)
		}},
	}
}

// Describe is asked for by Prometheus.
func (*ledger) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		postgresUp, waiting, retrying, dead, oldestWaiting, oldestDead, mailWaiting, mailOldest, mailFailed, scheduleLag, scheduleNeeds,
		numberGaps, monthsDue, undocumented,
	} {
		out <- d
	}
}

// Collect is asked for by Prometheus.
func (l *ledger) Collect(out chan<- prometheus.Metric) {
	f, ok := l.figures.get()
	if !ok { // nothing more is asked of a Postgres that does not answer
		tell(out, postgresUp, 0)
		return
	}
	tell(out, postgresUp, 1)
	tell(out, waiting, float64(f.Waiting))
	tell(out, retrying, float64(f.Retrying))
	tell(out, dead, float64(f.Dead))
	tell(out, oldestWaiting, f.OldestSeconds)
	tell(out, oldestDead, f.OldestDeadSeconds)
	tellMail(out, f.Mail)
	for _, s := range f.Schedule {
		tell(out, scheduleLag, s.LagSeconds, s.Name)
		tell(out, scheduleNeeds, float64(s.NeedsAttention), s.Name)
	}
	if b, ok := l.billing.get(); ok {
		tell(out, numberGaps, float64(b.NumberGaps))
		tell(out, monthsDue, float64(b.MonthsDue))
		tell(out, undocumented, float64(b.WithoutDocuments))
		tell(out, mailFailed, float64(b.MailFailed))
	}
}

func tellMail(out chan<- prometheus.Metric, figures []store.MailFigure) {
	of := map[string]store.MailFigure{}
	for _, f := range figures {
		of[f.State] = f
	}
	for _, state := range []string{string(store.MailPending), string(store.MailSending), string(store.MailInDoubt), "held"} {
		tell(out, mailWaiting, float64(of[state].Count), state)
		tell(out, mailOldest, of[state].OldestSeconds, state)
	}
}

// pools collects what is known of the connections to Postgres, without one.
type pools struct{ store *store.Store }

func newPools(s *store.Store) pools { return pools{s} }

// Describe is asked for by Prometheus.
func (pools) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{poolConnections, poolLimit, poolWaits, poolWaited} {
		out <- d
	}
}

// Collect is asked for by Prometheus.
func (p pools) Collect(out chan<- prometheus.Metric) {
	for pool, s := range p.store.Pools() {
		tell(out, poolConnections, float64(s.AcquiredConns()), pool, "in_use")
		tell(out, poolConnections, float64(s.IdleConns()), pool, "idle")
		tell(out, poolLimit, float64(s.MaxConns()), pool)
		out <- prometheus.MustNewConstMetric(poolWaits, prometheus.CounterValue, float64(s.EmptyAcquireCount()), pool)
		out <- prometheus.MustNewConstMetric(poolWaited, prometheus.CounterValue, s.EmptyAcquireWaitTime().Seconds(), pool)
	}
}
