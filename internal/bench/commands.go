package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"

	"github.com/licenseledger/licenseledger/jobs"
)

// singleCommands compares A with asynq alone, and B.
func (b *bench) singleCommands(ctx context.Context) ([]figure, error) {
	var a, ownTask, bb samples
	err := b.inRounds(func() error {
		ours, err := b.singly(ctx, b.singles, false)
		if err != nil {
			return err
		}
		own, err := b.singly(ctx, b.singles/2, true)
		if err != nil {
			return err
		}
		base, err := b.asynqAlone(ctx)
		if err != nil {
			return err
		}
		slow, err := b.slowly(ctx)
		a.add(ours, base)
		ownTask.add(own, base)
		bb.add(ours, slow)
		return err
	}, &a, &ownTask, &bb)
	return []figure{
		{Letter: "A", What: fmt.Sprintf("single commands from %d callers of the Go client, until the last outcome, against asynq alone", callers), Target: "≥ 0.6", samples: a},
		{Letter: "A'", What: "the same, each with a task of its own", Target: "≥ 0.35", samples: ownTask},
		{Letter: "B", What: fmt.Sprintf("A against the same with one transaction per command, %d committers", slowCommitters), Target: "≥ 4", samples: bb},
	}, err
}

// singly has many callers send one command at a time, each waiting until the
// ledger has accepted it; then it waits for the last outcome.
func (b *bench) singly(ctx context.Context, n int, ownTask bool) (float64, error) {
	commands := b.moreTransfers(n, false)
	rate, err := b.rate(n, func() error {
		err := fromCallers(n, func(i int) error {
			_, err := b.client.Do(ctx, commands[i:i+1], jobs.Run{Timeout: patience, OwnTask: ownTask})
			return err
		})
		return errors.Join(err, b.drained(ctx))
	})
	if err != nil {
		return 0, err
	}
	return rate, b.apply(ctx, commands, jobs.Run{}) // sent again, each is answered with the outcome it has
}

// slowly does A with the worker that has no batches.
func (b *bench) slowly(ctx context.Context) (rate float64, err error) {
	resume, err := b.pause()
	defer resume()
	if err != nil {
		return 0, err
	}
	slow, err := b.startSlowWorker(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, endWorker(slow)) }()
	return b.singly(ctx, b.slow, false)
}

// asynqAlone is the yardstick: as many tasks through the same Redis, with a
// handler that does nothing.
func (b *bench) asynqAlone(ctx context.Context) (float64, error) {
	const otherDB = "?db=1" // the worker's tasks are in 0
	client, err := jobs.OpenRedis(b.redisURL + otherDB)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	var handled atomic.Int64
	done := make(chan struct{})
	server := asynq.NewServerFromRedisClient(client, asynq.Config{Concurrency: callers, LogLevel: asynq.ErrorLevel})
	err = server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		if handled.Add(1) == int64(b.singles) {
			close(done)
		}
		return nil
	}))
	if err != nil {
		return 0, err
	}
	defer server.Shutdown()
	queue := asynq.NewClientFromRedisClient(client)
	payload := b.moreTransfers(1, false)[0].Body
	return b.rate(b.singles, func() error {
		err := fromCallers(b.singles, func(int) error {
			_, err := queue.EnqueueContext(ctx, asynq.NewTask("stock.transfer", payload))
			return err
		})
		if err != nil {
			return err
		}
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(patience):
			return fmt.Errorf("asynq handled %d of %d tasks", handled.Load(), b.singles)
		}
	})
}

// files compares C with the floor, D with River, and G with C; H is the memory
// of the worker after all that.
func (b *bench) files(ctx context.Context) ([]figure, error) {
	f, err := b.newFloor(ctx)
	if err != nil {
		return nil, err
	}
	rv, err := b.newRiver(ctx)
	if err != nil {
		return nil, err
	}
	var c, d, g samples
	err = b.inRounds(func() error {
		file, err := b.runFile(ctx, b.packed, false)
		if err != nil {
			return err
		}
		floor, err := b.rate(b.packed, func() error { return f.write(ctx, b.packed) })
		if err != nil {
			return err
		}
		peer, err := rv.work(ctx, b, b.peers)
		c.add(file, floor)
		d.add(file, peer)
		if err != nil || b.only == quick.only {
			return err
		}
		hot, err := b.runFile(ctx, b.packed, true)
		g.add(hot, file)
		return err
	}, &c, &d, &g)
	if err != nil {
		return nil, err
	}
	resident, err := peakMiB(fmt.Sprint(b.worker.Process.Pid))
	figures := []figure{
		{Letter: "C", What: fmt.Sprintf("`enqueue run --wait` of %s commands against the floor", thousands(b.packed)), Target: "≥ 0.6", samples: c},
		{Letter: "D", What: fmt.Sprintf("C's rate against River, one transaction per job, %d workers", rv.workers), Target: "≥ 5", samples: d},
	}
	if len(g.Ratios) > 0 {
		figures = append(figures,
			figure{Letter: "G", What: "C out of one lot against C", Target: "≥ 0.5", samples: g},
			figure{Letter: "H", What: "peak memory of the worker so far, MiB", Target: "≤ 200", samples: samples{Ratios: []float64{resident}}})
	}
	return figures, err
}

// runFile times the program that upstreams run, from its start to its end.
func (b *bench) runFile(ctx context.Context, n int, hot bool) (float64, error) {
	name, err := b.file(n, hot)
	if err != nil {
		return 0, err
	}
	defer os.Remove(name)
	cmd := exec.CommandContext(ctx, filepath.Join(b.root, "bin", "enqueue"), "run", "--wait", "--data", b.data, name)
	cmd.Stderr = os.Stderr
	var out countLines
	cmd.Stdout = &out
	rate, err := b.rate(n, cmd.Run)
	if err == nil && out.applied != n {
		err = fmt.Errorf("%d of %d commands were applied", out.applied, n)
	}
	return rate, err
}

// countLines counts outcomes without keeping them.
type countLines struct {
	rest    string
	applied int
}

func (c *countLines) Write(p []byte) (int, error) {
	lines := strings.Split(c.rest+string(p), "\n")
	c.rest = lines[len(lines)-1]
	for _, line := range lines[:len(lines)-1] {
		if strings.Contains(line, `"status":"applied"`) {
			c.applied++
		}
	}
	return len(p), nil
}

// severalWorkers compares two and four workers with one.
func (b *bench) severalWorkers(ctx context.Context) (_ []figure, err error) {
	var two, four samples
	err = b.inRounds(func() error {
		var rates []float64
		for _, n := range []int{1, 2, 4} {
			rate, err := b.withWorkers(ctx, n)
			if err != nil {
				return err
			}
			rates = append(rates, rate)
		}
		two.add(rates[1], rates[0])
		four.add(rates[2], rates[0])
		return nil
	}, &two, &four)
	return []figure{
		{Letter: "I", What: "packed commands with two workers against one", Target: "≥ 0.9", samples: two},
		{Letter: "I'", What: "with four", Target: "≥ 0.9", samples: four},
	}, err
}

func (b *bench) withWorkers(ctx context.Context, n int) (rate float64, err error) {
	for range n - 1 {
		further, err := b.furtherWorker(ctx)
		if err != nil {
			return 0, err
		}
		defer func() { _ = endWorker(further) }()
	}
	// Those that have just begun have plans to make and memory to grow.
	if err := b.apply(ctx, b.moreTransfers(b.workers/5, false), jobs.Run{}); err != nil {
		return 0, err
	}
	commands := b.moreTransfers(b.workers, false)
	return b.rate(len(commands), func() error { return b.apply(ctx, commands, jobs.Run{}) })
}

// latency is the time from a call to its outcome, at a steady rate and one after
// the other.
func (b *bench) latency(ctx context.Context) ([]figure, error) {
	if err := b.apply(ctx, b.moreTransfers(5_000, false), jobs.Run{}); err != nil { // warms up
		return nil, err
	}
	steady := make([]time.Duration, b.perSecond*int(b.spell/time.Second))
	errs := make([]error, len(steady))
	ticker := time.NewTicker(time.Second / time.Duration(b.perSecond))
	defer ticker.Stop()
	var calls sync.WaitGroup
	for i, c := range b.moreTransfers(len(steady), false) {
		<-ticker.C
		calls.Go(func() { steady[i], errs[i] = b.call(ctx, c) })
	}
	calls.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	var idle []time.Duration
	for _, c := range b.moreTransfers(b.probes, false) {
		took, err := b.call(ctx, c)
		if err != nil {
			return nil, err
		}
		idle = append(idle, took)
	}
	milliseconds := func(took []time.Duration, p int) samples {
		return samples{Ratios: []float64{percentile(took, p).Seconds() * 1000}}
	}
	return []figure{
		{Letter: "E", What: fmt.Sprintf("from call to outcome at %d commands a second, ms, half are faster", b.perSecond), Target: "≤ 15", samples: milliseconds(steady, 50)},
		{Letter: "E'", What: "99 of 100 are faster", Target: "≤ 60", samples: milliseconds(steady, 99)},
		{Letter: "E″", What: "one command at a time, half are faster", Target: "≤ 15", samples: milliseconds(idle, 50)},
	}, nil
}

func (b *bench) call(ctx context.Context, c jobs.Command) (time.Duration, error) {
	start := b.now()
	err := b.apply(ctx, []jobs.Command{c}, jobs.Run{})
	return b.now().Sub(start), err
}

func percentile(took []time.Duration, p int) time.Duration {
	slices.Sort(took)
	return took[len(took)*p/100]
}

// inRounds repeats a comparison; the first round warms up and does not count.
func (b *bench) inRounds(once func() error, all ...*samples) error {
	for round := range b.rounds + 1 {
		if err := once(); err != nil {
			return err
		}
		if round == 0 && b.only != quick.only {
			for _, s := range all {
				*s = samples{}
			}
		}
		if b.only == quick.only && round+1 == b.rounds {
			return nil
		}
	}
	return nil
}
