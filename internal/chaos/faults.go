package main

import (
	"context"
	"time"
)

// fault is something that goes wrong for a while, and is over when run returns.
type fault struct {
	name   string
	lane   int  // faults of different lanes happen at the same time
	rough  bool // kills something, or makes Redis forget
	disk   bool // needs a disk that can be filled
	long   bool // not in a quick run
	weight int
	run    func(ctx context.Context, w *world, f happening) error
}

// happening is a fault of the plan with what was drawn for it.
type happening struct {
	fault *fault
	after time.Duration // since the one before it in its lane
	lasts time.Duration
	which int // of workers, links, troubles
}

const (
	laneServers = iota
	laneWorkers
	lanes
)

var faults = []fault{
	{name: "worker killed", lane: laneWorkers, rough: true, weight: 4, run: func(_ context.Context, w *world, h happening) error {
		w.workers[h.which%len(w.workers)].kill()
		return nil
	}},
	{name: "Redis killed", lane: laneServers, rough: true, weight: 2, run: func(ctx context.Context, w *world, h happening) error {
		w.redis.kill()
		sleep(ctx, h.lasts)
		return w.redis.start(ctx)
	}},
	{name: "Postgres killed", lane: laneServers, rough: true, weight: 2, run: func(ctx context.Context, w *world, h happening) error {
		w.postgres.kill()
		sleep(ctx, h.lasts)
		return w.postgres.start(ctx)
	}},
}
