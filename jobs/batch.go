package jobs

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/traces"
)

const (
	// DefaultBatchCap is how many commands share one transaction at most; up to a
	// quarter more where so few are left.
	DefaultBatchCap = 500
	// DefaultLanes is how many transactions run side by side: one decides while
	// Postgres writes the other.
	DefaultLanes = 2
)

// Batcher is group commit without a timer: what was asked for while the last
// transactions ran is in the next ones. Idle, it adds no delay; under load,
// batches grow up to the cap.
//
// Business goes along lanes, each one transaction after the other. Commands of
// one reseller, with all below it, keep to one lane: they keep their order, and
// lanes seldom wait for each other's locks. A few commands share one transaction,
// whatever reseller they are of. Everything else waits until the lanes are empty.
type Batcher struct {
	store  *store.Store
	cap    int
	log    *slog.Logger
	homes  *homes // of the dispatching goroutine
	render Render

	origins origins

	mu      sync.Mutex
	changed *sync.Cond // of what follows
	waiting []*request
	lanes   []*lane
	shared  bool // a lane has what would else go along all of them
}

// request is what one caller wants executed.
type request struct {
	seqs []int64
	done chan struct{}
	err  error // set before done is closed
}

// load is requests that were taken together; they end when the last part ends.
type load struct {
	requests []*request
	parts    int
	err      error
}

// part is the commands of a load that go along one lane.
type part struct {
	commands []*domain.Envelope
	load     *load
}

type lane struct {
	queue []part
	busy  bool
}

// NewBatcher makes a batcher; Run works it.
func NewBatcher(s *store.Store, batchCap int, log *slog.Logger) *Batcher {
	return NewBatcherWithLanes(s, batchCap, DefaultLanes, log)
}

// NewBatcherWithLanes is NewBatcher for who wants to see what lanes are worth.
func NewBatcherWithLanes(s *store.Store, batchCap, lanes int, log *slog.Logger) *Batcher {
	b := &Batcher{store: s, cap: batchCap, log: log, homes: newHomes(s), render: noDocuments}
	b.changed = sync.NewCond(&b.mu)
	for range lanes {
		b.lanes = append(b.lanes, &lane{})
	}
	return b
}

// Do has the commands executed and waits until each has its outcome, is held by
// another worker, or has failed on its own. An error means that nothing is known:
// the database could not be used.
func (b *Batcher) Do(ctx context.Context, seqs []int64) error {
	if spans := traces.Received(ctx); len(spans) > 0 {
		b.origins.note(seqs, spans)
		defer b.origins.forget(seqs)
	}
	r := &request{seqs: seqs, done: make(chan struct{})}
	b.mu.Lock()
	b.waiting = append(b.waiting, r)
	b.changed.Broadcast()
	b.mu.Unlock()
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run executes batches until the context ends.
func (b *Batcher) Run(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.changed.Broadcast()
	})
	defer stop()
	var running sync.WaitGroup
	for _, l := range b.lanes {
		running.Go(func() { b.drive(ctx, l) })
	}
	for l := b.nextLoad(ctx); l != nil; l = b.nextLoad(ctx) {
		b.end(l, b.dispatch(ctx, l))
	}
	running.Wait()
}

// nextLoad takes waiting requests, as much as fills the lanes up to the cap and at
// least one; nil at the end.
func (b *Batcher) nextLoad(ctx context.Context) *load {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ctx.Err() == nil && !b.ready() {
		b.changed.Wait()
	}
	if ctx.Err() != nil {
		return nil
	}
	n, commands := 0, 0
	for n < len(b.waiting) && (n == 0 || commands+len(b.waiting[n].seqs) <= b.cap*len(b.lanes)) {
		commands += len(b.waiting[n].seqs)
		n++
	}
	l := &load{requests: slices.Clone(b.waiting[:n]), parts: 1} // the first is dispatching
	b.waiting = append(b.waiting[:0], b.waiting[n:]...)
	return l
}

// ready says whether to take what waits: as soon as the lanes are empty, or before,
// if a lane has nothing more to do and enough waits to be worth a transaction.
func (b *Batcher) ready() bool {
	if len(b.waiting) == 0 || !b.driving() {
		return len(b.waiting) > 0
	}
	commands := 0
	for _, r := range b.waiting {
		commands += len(r.seqs)
	}
	return !b.shared && commands > b.few() && slices.ContainsFunc(b.lanes, func(l *lane) bool { return len(l.queue) == 0 })
}

// few commands cost less in one transaction than in one for each lane.
func (b *Batcher) few() int { return b.cap / 8 }

// driving says whether lanes have anything to do.
func (b *Batcher) driving() bool {
	return slices.ContainsFunc(b.lanes, func(l *lane) bool { return l.busy || len(l.queue) > 0 })
}

// end counts a part of a load as done.
func (b *Batcher) end(l *load, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.parts--
	if l.err == nil {
		l.err = err
	}
	if l.parts > 0 {
		return
	}
	for _, r := range l.requests {
		r.err = l.err
		close(r.done)
	}
}

// dispatch reads the commands and sends them along the lanes.
func (b *Batcher) dispatch(ctx context.Context, l *load) error {
	var seqs []int64
	for _, r := range l.requests {
		seqs = append(seqs, r.seqs...)
	}
	slices.Sort(seqs)
	commands, err := b.read(ctx, slices.Compact(seqs))
	if err != nil {
		return err
	}
	for _, run := range runs(commands) {
		if domain.ClassOf(run[0].Kind) == domain.Business {
			err = b.spread(ctx, l, run)
		} else if err = b.idle(ctx); err == nil {
			err = b.tryAll(ctx, run)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read reads what still waits of the given commands, and leaves what is too new.
func (b *Batcher) read(ctx context.Context, seqs []int64) ([]*domain.Envelope, error) {
	rows, err := b.store.Commands(ctx, seqs)
	if err != nil {
		return nil, err
	}
	commands := make([]*domain.Envelope, 0, len(rows))
	for _, row := range rows {
		c, newer := envelope(row)
		if newer == nil {
			commands = append(commands, c)
		} else if err := b.leave(ctx, c, newer); err != nil {
			return nil, err
		}
	}
	return commands, nil
}

// spread shares business out among the lanes. A few commands go along one; until
// they have their outcomes nothing else may overtake them on another.
func (b *Batcher) spread(ctx context.Context, l *load, run []*domain.Envelope) error {
	parts := [][]*domain.Envelope{run}
	shared := b.share(len(run))
	if !shared {
		var err error
		if parts, err = b.byHome(ctx, run); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for n, commands := range parts {
		if len(commands) > 0 {
			l.parts++
			b.lanes[n].queue = append(b.lanes[n].queue, part{commands: commands, load: l})
		}
	}
	b.changed.Broadcast()
	return nil
}

// share says whether so many commands are to share one of the lanes.
func (b *Batcher) share(commands int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shared = commands <= b.few() && !b.driving()
	return b.shared
}

// byHome divides business by lane.
func (b *Batcher) byHome(ctx context.Context, run []*domain.Envelope) ([][]*domain.Envelope, error) {
	homes, err := b.homes.look(ctx, run)
	if err != nil {
		return nil, err
	}
	laneOf := make(map[int64]int, len(run))
	parts := make([][]*domain.Envelope, len(b.lanes))
	for i, c := range run {
		n, follows := laneOf[c.After]
		if !follows { // one that must come after another goes behind it
			n = homes[i] % len(b.lanes)
		}
		laneOf[c.Seq] = n
		parts[n] = append(parts[n], c)
	}
	return parts, nil
}

// idle waits until the lanes have nothing to do.
func (b *Batcher) idle(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ctx.Err() == nil && b.driving() {
		b.changed.Wait()
	}
	return ctx.Err()
}

// drive executes what is sent along a lane until the context ends.
func (b *Batcher) drive(ctx context.Context, l *lane) {
	for parts := b.nextParts(ctx, l); len(parts) > 0; parts = b.nextParts(ctx, l) {
		var commands []*domain.Envelope
		for _, p := range parts {
			commands = append(commands, p.commands...)
		}
		err := b.tryAll(ctx, commands)
		for _, p := range parts {
			b.end(p.load, err)
		}
	}
}

// nextParts takes parts off a lane up to the cap, at least one; none at the end.
func (b *Batcher) nextParts(ctx context.Context, l *lane) []part {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.busy = false
	b.changed.Broadcast()
	for ctx.Err() == nil && len(l.queue) == 0 {
		b.changed.Wait()
	}
	if ctx.Err() != nil {
		return nil
	}
	n, commands := 0, 0
	for n < len(l.queue) && (n == 0 || commands+len(l.queue[n].commands) <= b.cap) {
		commands += len(l.queue[n].commands)
		n++
	}
	parts := slices.Clone(l.queue[:n])
	l.queue = append(l.queue[:0], l.queue[n:]...)
	l.busy = true
	b.changed.Broadcast()
	return parts
}
