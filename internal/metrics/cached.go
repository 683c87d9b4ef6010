package metrics

import (
	"context"
	"sync"
	"time"
)

const (
	// fresh is how old a figure may be that is told again.
	fresh = 5 * time.Second
	// seldom is the same for figures that cost more and change less.
	seldom = time.Minute
	// patience bounds the reading of figures: a scrape must neither hurt nor hang.
	patience = 2 * time.Second
)

// cached is figures that are read again when they are too old. Several scrapes
// at once read once.
type cached[F any] struct {
	read func(context.Context) (F, error)
	now  func() time.Time
	keep time.Duration

	mu      sync.Mutex
	readAt  time.Time
	figures F
	ok      bool
}

// get is false if the figures cannot be read: old ones would look like good news.
func (c *cached[F]) get() (F, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	keep := c.keep
	if !c.ok {
		keep = min(keep, fresh)
	}
	if c.readAt.IsZero() || c.now().Sub(c.readAt) >= keep {
		c.figures, c.ok = c.readSoon()
		c.readAt = c.now()
	}
	return c.figures, c.ok
}

// readSoon does not wait for a reader that disregards its context, as the
// client of Redis does while it waits for an answer.
func (c *cached[F]) readSoon() (figures F, ok bool) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	answer := make(chan F, 1)
	go func() {
		defer cancel()
		if f, err := c.read(ctx); err == nil {
			answer <- f
		}
	}()
	select {
	case figures = <-answer:
		return figures, true
	case <-ctx.Done(): // too late, or there was an error
	}
	select {
	case figures = <-answer: // both were ready
		return figures, true
	default:
		return figures, false
	}
}
