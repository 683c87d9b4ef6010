package main

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/metrics"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/traces/export"
	"github.com/licenseledger/licenseledger/jobs"
)

// checkFlags say how the ledger is verified while it is used.
type checkFlags struct {
	CheckEvery   time.Duration `name:"check-every" env:"CHECK_EVERY" default:"1h" help:"Verify the whole ledger in this time, part by part, while working (0s: never)."`
	CheckTimeout time.Duration `name:"check-timeout" env:"CHECK_TIMEOUT" default:"1m" help:"Give up verifying a part after this time."`
}

// work runs the worker, with traces if the environment says where they go.
func (c *cli) work(ctx context.Context) error {
	log := c.Logger()
	stop, err := export.Start(ctx, "licenseledger-worker", log)
	if err != nil {
		return err
	}
	defer stop()
	redis.SetLogger(redisLog{log})
	return (&worker{cli: *c, log: log, out: os.Stdout}).run(ctx)
}

// observe counts what happens, and has it told to the log.
func (w *worker) observe() {
	var kinds []string
	for _, k := range jobs.Kinds {
		kinds = append(kinds, k.Name)
	}
	for _, s := range jobs.Schedules {
		kinds = append(kinds, s.Name)
	}
	w.metrics = metrics.New(metrics.Sources{
		Ledger: w.ledger, Kinds: kinds, Now: now,
		Queues: func(ctx context.Context) ([]jobs.QueueFigures, error) { return jobs.Queues(ctx, w.redis) },
		Probe:  func(ctx context.Context) error { return jobs.ProbeRedis(ctx, w.redis) },
	})
	w.ledger.Watch(now, func(b store.Batch) {
		w.metrics.Batch(b)
		logBatch(w.log, b)
	}, w.metrics.Refused)
}

func (w *worker) checker() *metrics.Checker {
	return &metrics.Checker{Ledger: w.ledger, Metrics: w.metrics, Log: w.log, Now: now, Every: w.CheckEvery, Timeout: w.CheckTimeout}
}

// logBatch is one line per batch, and one per rejection at debug. Ids are all it
// says of commands: actors are addresses of people, and details may name them.
func logBatch(log *slog.Logger, b store.Batch) {
	rejected := 0
	for i, o := range b.Outcomes {
		if o.Status != domain.Rejected {
			continue
		}
		rejected++
		e := b.Steps[i].Envelope
		log.Debug("rejected", "id", e.ID, "source", e.Source, "kind", e.Kind, "reason", o.Reason)
	}
	attrs := []any{
		"commands", len(b.Steps), "applied", len(b.Steps) - rejected, "rejected", rejected,
		"took_ms", b.Took.Milliseconds(), "first", b.Steps[0].Envelope.Kind,
	}
	if len(b.Ages) > 0 {
		attrs = append(attrs, "oldest_ms", slices.Max(b.Ages).Milliseconds())
	}
	log.Info("batch", attrs...)
}
