package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"
)

// killRound is how many kills happen before everything must heal.
const killRound = 50

// breakByKills is one long series: so many SIGKILLs of workers, and a tenth of
// that of each server, at random moments of the load. Every invariant is checked
// after each 50.
func (o options) breakByKills(ctx context.Context, kills int) (failures int, err error) {
	began := o.now()
	fmt.Fprintf(os.Stdout, "CHAOS_SEED=%d\n", o.seed)
	w, err := newWorld(ctx, o, os.Stdout)
	if err != nil {
		return 0, err
	}
	defer w.close()
	for left := kills; left > 0 && len(w.failures) == 0 && ctx.Err() == nil; left -= killRound {
		if err := w.killRound(ctx, min(left, killRound)); err != nil {
			w.keep = true
			return 0, err
		}
		fmt.Fprintf(os.Stdout, "%s\n", w.killed(o.now().Sub(began)))
	}
	for _, failure := range w.failures {
		fmt.Fprintln(os.Stdout, failure)
	}
	fmt.Fprintf(os.Stdout, "%s; %s\n", w.summary(o.now().Sub(began)), w.killed(o.now().Sub(began)))
	return len(w.failures), ctx.Err()
}

func (w *world) killRound(ctx context.Context, kills int) error {
	loading, stop := context.WithCancel(ctx)
	defer stop()
	var loaded sync.WaitGroup
	loaded.Go(func() { w.load.run(loading) })
	for i := range kills {
		sleep(ctx, time.Duration(20+w.chance.IntN(700))*time.Millisecond)
		w.workers[w.chance.IntN(len(w.workers))].kill()
		if i%10 != 9 {
			continue
		}
		sleep(ctx, time.Duration(w.chance.IntN(300))*time.Millisecond)
		w.redis.kill()
		w.postgres.kill()
		if err := w.postgres.start(ctx); err != nil {
			return err
		}
		if err := w.redis.start(ctx); err != nil {
			return err
		}
	}
	stop()
	loaded.Wait()
	if err := w.heal(ctx); err != nil {
		return fmt.Errorf("healing: %w", err)
	}
	if err := w.rest(ctx); err != nil {
		return err
	}
	return w.check(ctx)
}

// killed counts the dead.
func (w *world) killed(took time.Duration) string {
	ofWorkers := 0
	for _, worker := range w.workers {
		ofWorkers += worker.kills
	}
	all, acked := w.oracle.counts()
	return fmt.Sprintf("kills after %s: %d of workers, %d of Postgres, %d of Redis; %d commands, %d acknowledged, %d invariants broken",
		took.Round(time.Second), ofWorkers, w.postgres.kills, w.redis.kills, all, acked, len(w.failures))
}
