// Command chaos breaks LicenseLedger on purpose: it runs the built workers on a
// private Postgres and Redis, sends commands of all kinds, lets faults happen by
// a plan drawn from a seed, heals everything, and then checks the promises that
// docs/reliability.md lists.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"syscall"
	"time"
)

// options are what a run is told.
type options struct {
	binary   string // the worker
	seed     uint64
	duration time.Duration // of all faults together
	quick    bool          // without what takes long
	keep     bool
	only     *regexp.Regexp // faults
	round    time.Duration  // how long faults happen before everything must heal
	now      func() time.Time
	mutated  bool // in a hurry, and with wider gaps, to find what a safeguard is for
}

func main() { os.Exit(run()) }

func run() int {
	o := options{now: time.Now}
	var only string
	flag.StringVar(&o.binary, "worker", "bin/chaos/worker", "the worker to break, built with -tags chaos")
	flag.DurationVar(&o.duration, "duration", 15*time.Minute, "how long faults happen")
	flag.BoolVar(&o.quick, "quick", false, "leave out what takes long")
	flag.BoolVar(&o.keep, "keep", false, "keep logs and data also if all is well")
	flag.StringVar(&only, "faults", "", "only faults whose names match this")
	flag.DurationVar(&o.round, "round", 40*time.Second, "how long until everything must heal")
	flag.BoolVar(&o.mutated, "mutated", false, "look for what is missing (CHAOS_MUTANT) in a hurry")
	mutants := flag.Bool("mutants", false, "take one safeguard out after the other, and expect to be told (needs -tags mutants)")
	kills := flag.Int("kills", 0, "instead of a plan: so many SIGKILLs of workers, and a tenth of that of each server")
	flag.Parse()
	if only != "" {
		o.only = regexp.MustCompile(only)
	}
	o.seed = rand.Uint64N(1 << 32) //nolint:gosec // printed, to be repeated
	if text := os.Getenv("CHAOS_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			fmt.Fprintln(os.Stderr, "chaos: CHAOS_SEED:", err)
			return 2
		}
		o.seed = seed
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *mutants {
		return o.tryMutants(ctx, os.Stdout)
	}
	failures, err := 0, error(nil)
	if *kills > 0 {
		failures, err = o.breakByKills(ctx, *kills)
	} else {
		failures, err = o.breakIt(ctx)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "chaos: CHAOS_SEED=%d: %v\n", o.seed, err)
		return 2
	}
	if failures > 0 {
		return 1
	}
	return 0
}

// breakIt runs rounds until the time is over or an invariant is broken.
func (o options) breakIt(ctx context.Context) (failures int, err error) {
	began := o.now()
	fmt.Fprintf(os.Stdout, "CHAOS_SEED=%d\n", o.seed)
	w, err := newWorld(ctx, o, os.Stdout)
	if err != nil {
		return 0, err
	}
	defer w.close()
	for left := o.duration; left > 0 && len(w.failures) == 0; left -= o.round {
		if err := w.round(ctx, min(left, o.round)); err != nil {
			w.keep = true
			return 0, err
		}
		if left > o.round {
			fmt.Fprintf(os.Stdout, "%s\n", w.summary(o.now().Sub(began)))
		}
	}
	for _, failure := range w.failures {
		fmt.Fprintln(os.Stdout, failure)
	}
	fmt.Fprintln(os.Stdout, w.summary(o.now().Sub(began)))
	return len(w.failures), ctx.Err()
}
