package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/model/random"
	"github.com/licenseledger/licenseledger/jobs"
)

// load is upstream: clients that send commands of every kind, some of them
// again, some late, and one that moves the test clock over month ends.
type load struct {
	oracle *oracle
	client *jobs.Client
	log    *slog.Logger
	pace   time.Duration // between two packs of a client

	movePause time.Duration // between two moves of the clock

	mu     sync.Mutex // of what follows
	gen    *random.Generator
	chance *rand.Rand

	moves    int
	repeats  atomic.Int64 // commands sent again
	reuses   atomic.Int64 // ids sent again with other content
	errors   atomic.Int64 // calls that failed
	problems chan string  // contradictions
}

// intN is chance for goroutines. What they draw depends on how they interleave;
// what was drawn is in the oracle.
func (l *load) intN(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.chance.IntN(n)
}

func newLoad(seed uint64, client *jobs.Client, o *oracle, log *slog.Logger) *load {
	chance := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // repeatable on purpose
	return &load{
		oracle: o, client: client, log: log, pace: 60 * time.Millisecond, movePause: 300 * time.Millisecond,
		gen: random.New(chance.IntN), chance: chance, problems: make(chan string, 100),
	}
}

// begin makes the world, before anything fails.
func (l *load) begin(ctx context.Context) error {
	if err := l.moveTo(ctx, l.gen.Now); err != nil {
		return err
	}
	commands := l.gen.Catalog()
	for _, country := range []string{"IE", "DE"} { // without a rate no invoice could be made
		commands = append(commands, jobs.Command{
			ID: "tax-" + country, Source: "default", Kind: "tax.put", Body: json.RawMessage(fmt.Sprintf(`{"country":%q,"rate":"21","from":"2020-01-01"}`, country)),
		})
	}
	for _, kind := range random.Foundations {
		if c := l.gen.Of(kind); len(c.Check()) == 0 {
			commands = append(commands, c)
		}
	}
	return l.send(ctx, commands, jobs.Run{Serial: true, Timeout: 30 * time.Second})
}

const clients = 4

// run sends until the context ends.
func (l *load) run(ctx context.Context) {
	var all sync.WaitGroup
	for range clients {
		all.Go(func() { l.sendSome(ctx) })
	}
	all.Go(func() { l.moveClock(ctx) })
	all.Wait()
}

func (l *load) sendSome(ctx context.Context) {
	for ctx.Err() == nil {
		if l.intN(25) == 0 {
			l.reuse(ctx)
		}
		commands, run := l.next()
		_ = l.send(ctx, commands, run) // in doubt now: the oracle knows
		sleep(ctx, l.pace/2+time.Duration(l.intN(int(l.pace))))
	}
}

// next makes up a pack and how it is sent.
func (l *load) next() ([]jobs.Command, jobs.Run) {
	if l.intN(8) == 0 { // again, shuffled and late
		commands := l.oracle.some(1+l.intN(8), l.intN)
		l.repeats.Add(int64(len(commands)))
		return commands, jobs.Run{Timeout: 5 * time.Second, Wait: l.intN(2) == 0}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 1
	if l.chance.IntN(2) == 0 {
		n += l.chance.IntN(10)
	}
	var commands []jobs.Command
	for len(commands) < n {
		c := l.gen.Business()
		if l.chance.IntN(14) == 0 {
			c = l.gen.Change()
		}
		if len(c.Check()) == 0 { // chance makes some that no client would send
			commands = append(commands, c)
		}
	}
	return commands, jobs.Run{
		Timeout: 5 * time.Second, Wait: l.chance.IntN(2) == 0, Serial: l.chance.IntN(5) == 0, OwnTask: l.chance.IntN(4) == 0,
	}
}

// reuse sends the id of an accepted command again with other content, which
// must change nothing.
func (l *load) reuse(ctx context.Context) {
	before, acked := l.oracle.one(l.intN)
	if !acked {
		return
	}
	c := jobs.Command{ID: before.ID, Source: before.Source, Kind: "tax.put", Body: json.RawMessage(`{"country":"AT","rate":"99","from":"2020-01-01"}`)}
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	outcomes, err := l.client.Do(call, []jobs.Command{c}, jobs.Run{Timeout: 5 * time.Second})
	if err != nil {
		return // as much in doubt as before
	}
	l.reuses.Add(1)
	if o := outcomes[0]; o.Reason == nil || *o.Reason != domain.IDReused {
		l.problems <- fmt.Sprintf("command %s of %s was sent again with other content and is %s", c.ID, c.Source, text(&o))
	}
}

// callTimeout bounds a call through a link that is silent.
const callTimeout = 20 * time.Second

// send hands commands over and tells the oracle.
func (l *load) send(ctx context.Context, commands []jobs.Command, run jobs.Run) error {
	if err := l.oracle.intend(commands); err != nil {
		return err
	}
	accepted := 0
	run.Progress = func(n, _ int) { accepted = n }
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	outcomes, err := l.client.Do(call, commands, run)
	if err != nil {
		l.errors.Add(1)
		l.log.Debug("a call failed", "commands", len(commands), "accepted", accepted, "error", err)
		if ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
			l.log.Warn("a call failed", "commands", len(commands), "accepted", accepted, "error", err)
		}
	}
	contradiction, noteErr := l.oracle.acknowledge(commands[:accepted], outcomes)
	if contradiction != "" {
		l.problems <- contradiction
	}
	return errors.Join(err, noteErr)
}

// moveClock lets business time go on, often to the end of a month.
func (l *load) moveClock(ctx context.Context) {
	for ctx.Err() == nil {
		l.mu.Lock()
		now := l.gen.Now
		to := now.Add(time.Duration(1+l.chance.IntN(300)) * time.Hour)
		switch end := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC); l.chance.IntN(8) {
		case 0, 1: // about where months end, in one zone or the other
			to = end.Add(time.Duration(l.chance.IntN(30)-14) * time.Hour)
		case 2:
			to = now.AddDate(0, 2, 0)
		}
		if !to.After(now) {
			to = now.Add(time.Hour)
		}
		l.mu.Unlock()
		for ctx.Err() == nil && l.moveTo(ctx, to) != nil {
			sleep(ctx, 500*time.Millisecond)
		}
		l.mu.Lock()
		l.gen.Now = to
		l.mu.Unlock()
		sleep(ctx, l.movePause)
	}
}

// moveTo sends one move and waits until it has happened.
func (l *load) moveTo(ctx context.Context, to time.Time) error {
	stamp := to.UTC().Format(time.RFC3339)
	c := jobs.Command{ID: "clock-" + stamp, Kind: "clock.advance", Source: "operator", Body: json.RawMessage(fmt.Sprintf(`{"to":%q}`, stamp))}
	err := l.send(ctx, []jobs.Command{c}, jobs.Run{Wait: true, Timeout: 10 * time.Second})
	if err == nil {
		l.moves++
	}
	return err
}

// resolve sends what is in doubt again, until it is accepted.
func (l *load) resolve(ctx context.Context) error {
	for _, c := range l.oracle.doubtful() {
		if err := l.send(ctx, []jobs.Command{c}, jobs.Run{Timeout: 20 * time.Second}); err != nil {
			return fmt.Errorf("sending %s again: %w", c.ID, err)
		}
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
