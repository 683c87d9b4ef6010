package metrics

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/licenseledger/licenseledger/internal/store"
)

// checkMetrics are what the running check of the ledger has found.
type checkMetrics struct {
	discrepancies *prometheus.GaugeVec
	doneAt        *prometheus.GaugeVec
	took          *prometheus.GaugeVec
	unfinished    *prometheus.CounterVec
}

func (m *Metrics) newCheckMetrics() checkMetrics {
	c := checkMetrics{
		discrepancies: m.gauge("check_discrepancies", "What the last check of this part of the ledger found wrong.", "part"),
		doneAt:        m.gauge("check_last_done_timestamp_seconds", "When this part of the ledger was last checked by this worker.", "part"),
		took:          m.gauge("check_duration_seconds", "How long the last check of this part took.", "part"),
		unfinished:    m.counter("check_unfinished_total", "Checks of this part that could not be finished: too long, or no database.", "part"),
	}
	for _, part := range store.Checks() {
		c.unfinished.WithLabelValues(part)
	}
	return c
}

// Checker verifies the ledger while it is used, one part after the other, on a
// connection that no command waits for. Of several workers one checks at a time.
type Checker struct {
	Ledger  *store.Store
	Metrics *Metrics
	Log     *slog.Logger
	Now     func() time.Time
	Every   time.Duration // for the whole ledger; 0: never
	Timeout time.Duration // for a part
}

// told is how many discrepancies of one part are written to the log.
const told = 20

// Run checks until the context ends.
func (c *Checker) Run(ctx context.Context) {
	parts := store.Checks()
	if c.Every <= 0 {
		return
	}
	ticker := time.NewTicker(max(c.Every/time.Duration(len(parts)), time.Millisecond))
	defer ticker.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			c.check(ctx, parts[n%len(parts)])
		}
	}
}

func (c *Checker) check(ctx context.Context, part string) {
	m, began, found := c.Metrics.checks, c.Now(), 0
	done, err := c.Ledger.CheckPart(ctx, part, c.Timeout, func(discrepancy string) {
		if found++; found <= told {
			c.Log.Error("the ledger has a discrepancy", "part", part, "discrepancy", discrepancy)
		}
	})
	switch {
	case ctx.Err() != nil:
	case err != nil:
		m.unfinished.WithLabelValues(part).Inc()
		c.Log.Warn("a check of the ledger could not be finished", "part", part, "error", err)
	case done:
		now := c.Now()
		m.discrepancies.WithLabelValues(part).Set(float64(found))
		m.doneAt.WithLabelValues(part).Set(float64(now.UnixMilli()) / 1000)
		m.took.WithLabelValues(part).Set(now.Sub(began).Seconds())
		c.Log.Debug("checked a part of the ledger", "part", part, "discrepancies", found, "took", now.Sub(began))
	}
}
