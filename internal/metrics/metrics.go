// Package metrics tells Prometheus how the worker does. Counters are added to
// once per batch; gauges are read from Postgres and Redis when somebody asks,
// with short timeouts and not more often than every few seconds.
package metrics

import (
	"net/http"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

const namespace = "licenseledger"

// Metrics are all metrics of one worker.
type Metrics struct {
	registry *prometheus.Registry
	kinds    map[string]bool // labels are bounded: other kinds are "other"

	commands *prometheus.CounterVec
	latency  map[domain.Class]prometheus.Observer
	size     map[domain.Class]prometheus.Observer
	took     map[domain.Class]prometheus.Observer
	mails    *prometheus.CounterVec
	checks   checkMetrics
}

// Sources are where gauges come from.
type Sources struct {
	Ledger *store.Store
	Queues Queues
	Probe  Probe
	Kinds  []string // of commands, the scheduled ones included
	Now    func() time.Time
}

var classes = map[domain.Class]string{
	domain.Catalog: "catalog", domain.Business: "business", domain.Scheduled: "scheduled", domain.Control: "control",
}

// New registers everything.
func New(from Sources) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), kinds: map[string]bool{}}
	for _, kind := range from.Kinds {
		m.kinds[kind] = true
	}
	m.commands = m.counter("commands_total", "Commands decided by this worker, by kind, status and reason of a rejection.", "kind", "status", "reason")
	m.latency = m.histogram("command_latency_seconds", "From the acceptance of a command to the commit of its outcome.",
		[]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 15, 30, 60, 300, 1800}) // without Redis it is a little more than 10
	m.size = m.histogram("batch_commands", "Commands decided in one transaction.", []float64{1, 2, 5, 10, 25, 50, 100, 250, 500, 1000})
	m.took = m.histogram("batch_duration_seconds", "From the beginning of the transaction of a batch to its commit.",
		[]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10})
	m.mails = m.counter("mail_attempts_total", "Attempts of this worker to send a mail, by the state that the mail was left in.", "state")
	for _, state := range []store.MailState{store.MailSent, store.MailFailed, store.MailPending, store.MailInDoubt} {
		m.mails.WithLabelValues(string(state)) // an increase is seen only of what was there before
	}
	m.checks = m.newCheckMetrics()
	m.registry.MustRegister(
		newLedger(from.Ledger, from.Now), newPools(from.Ledger), newQueues(from.Queues, from.Probe, from.Now), buildInfo(),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

func (m *Metrics) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels)
	m.registry.MustRegister(g)
	return g
}

func (m *Metrics) histogram(name, help string, buckets []float64) map[domain.Class]prometheus.Observer {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, []string{"class"})
	m.registry.MustRegister(h)
	of := map[domain.Class]prometheus.Observer{}
	for class, label := range classes {
		of[class] = h.WithLabelValues(label)
	}
	return of
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, ErrorHandling: promhttp.ContinueOnError})
}

// Gatherer is for tests.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// Batch counts a batch.
func (m *Metrics) Batch(b store.Batch) {
	class := domain.ClassOf(b.Steps[0].Envelope.Kind)
	m.size[class].Observe(float64(len(b.Steps)))
	m.took[class].Observe(b.Took.Seconds())
	type what struct {
		kind   string
		status domain.Status
		reason domain.Reason
	}
	counts := map[what]int{}
	for i, o := range b.Outcomes {
		counts[what{b.Steps[i].Envelope.Kind, o.Status, o.Reason}]++
	}
	for w, n := range counts {
		m.commands.WithLabelValues(m.bounded(w.kind), string(w.status), string(w.reason)).Add(float64(n))
	}
	latency := m.latency[class]
	for _, age := range b.Ages {
		latency.Observe(age.Seconds())
	}
}

// Refused counts what was refused before it came into the journal.
func (m *Metrics) Refused(n store.Instruction, r *domain.Rejection) {
	m.commands.WithLabelValues(m.bounded(n.Kind), string(domain.Rejected), string(r.Reason)).Inc()
}

func (m *Metrics) bounded(kind string) string {
	if m.kinds[kind] {
		return kind
	}
	return "other"
}

// Mail counts an attempt to send a mail.
func (m *Metrics) Mail(left store.MailState) { m.mails.WithLabelValues(string(left)).Inc() }

func buildInfo() prometheus.Collector {
	version, goVersion, revision := "unknown", "unknown", "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version, goVersion = info.Main.Version, info.GoVersion
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": version, "revision": revision, "goversion": goVersion},
	})
	g.Set(1)
	return g
}
