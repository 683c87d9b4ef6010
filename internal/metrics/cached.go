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
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		var err error
		c.figures, err = c.read(ctx)
		c.ok, c.readAt = err == nil, c.now()
	}
	return c.figures, c.ok
}
