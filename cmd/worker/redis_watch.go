package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/licenseledger/licenseledger/jobs"
)

// redisWatch tries now and then whether Redis can be used, and tells the log when
// that changes.
type redisWatch struct {
	probe func(context.Context) error
	now   func() time.Time
	log   *slog.Logger
	doubt chan struct{} // somebody thinks that Redis cannot be used

	mu      sync.Mutex
	since   time.Time // of the trouble
	trouble string    // none: it can be used
}

const redisWatchEvery = 5 * time.Second

func newRedisWatch(probe func(context.Context) error, now func() time.Time, log *slog.Logger) *redisWatch {
	return &redisWatch{probe: probe, now: now, log: log, doubt: make(chan struct{}, 1)}
}

// run tries until the context ends.
func (w *redisWatch) run(ctx context.Context) {
	ticker := time.NewTicker(redisWatchEvery)
	defer ticker.Stop()
	for {
		w.try(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-w.doubt:
		}
	}
}

func (w *redisWatch) try(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	err := w.probe(limited)
	if ctx.Err() != nil {
		return // the worker ends, which says nothing about Redis
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	was := w.trouble != ""
	switch {
	case err != nil:
		w.trouble = jobs.RedisTrouble(err)
		if !was {
			w.since = w.now()
			w.log.Warn(w.trouble, "error", err)
		}
	case was:
		w.trouble = ""
		w.log.Info("Redis can be used again", "after_ms", w.now().Sub(w.since).Milliseconds())
	}
}

// Trouble says why Redis cannot be used; it is empty while it can.
func (w *redisWatch) Trouble() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trouble
}

// away is asked by those to whom something went wrong with Redis: the watch looks
// at once, unless it knows already.
func (w *redisWatch) away() bool {
	if w.Trouble() != "" {
		return true
	}
	select {
	case w.doubt <- struct{}{}:
	default: // it will look
	}
	return false
}

// redisLog takes what the client of Redis says of its connections, at each attempt.
type redisLog struct{ log *slog.Logger }

// Printf is called by the client.
func (l redisLog) Printf(ctx context.Context, format string, args ...any) {
	l.log.DebugContext(ctx, "redis: "+fmt.Sprintf(format, args...))
}
