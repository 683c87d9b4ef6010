package jobs

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// DefaultBatchCap is how many commands share one transaction at most.
const DefaultBatchCap = 500

// Batcher is group commit without a timer: what was asked for while the last
// transaction ran is the next batch. Idle, it adds no delay; under load, batches
// grow up to the cap.
type Batcher struct {
	store *store.Store
	cap   int
	log   *slog.Logger

	mu      sync.Mutex
	waiting []*request
	ring    chan struct{} // holds one: there is something waiting
}

// request is what one caller wants executed.
type request struct {
	seqs []int64
	done chan struct{}
	err  error // set before done is closed
}

// NewBatcher makes a batcher; Run works it.
func NewBatcher(s *store.Store, batchCap int, log *slog.Logger) *Batcher {
	return &Batcher{store: s, cap: batchCap, log: log, ring: make(chan struct{}, 1)}
}

// Do has the commands executed and waits until each has its outcome, is held by
// another worker, or has failed on its own. An error means that nothing is known:
// the database could not be used.
func (b *Batcher) Do(ctx context.Context, seqs []int64) error {
	r := &request{seqs: seqs, done: make(chan struct{})}
	b.mu.Lock()
	b.waiting = append(b.waiting, r)
	b.mu.Unlock()
	select {
	case b.ring <- struct{}{}:
	default: // it rings already
	}
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Run executes batches until the context ends.
func (b *Batcher) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.ring:
		}
		for batch := b.next(); len(batch) > 0 && ctx.Err() == nil; batch = b.next() {
			err := b.execute(ctx, seqsOf(batch))
			for _, r := range batch {
				r.err = err
				close(r.done)
			}
		}
	}
}

// next takes waiting requests up to the cap, at least one.
func (b *Batcher) next() []*request {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, commands := 0, 0
	for n < len(b.waiting) && (n == 0 || commands+len(b.waiting[n].seqs) <= b.cap) {
		commands += len(b.waiting[n].seqs)
		n++
	}
	batch := slices.Clone(b.waiting[:n])
	b.waiting = append(b.waiting[:0], b.waiting[n:]...)
	return batch
}

func seqsOf(batch []*request) []int64 {
	var seqs []int64
	for _, r := range batch {
		seqs = append(seqs, r.seqs...)
	}
	slices.Sort(seqs)
	return slices.Compact(seqs)
}

func (b *Batcher) execute(ctx context.Context, seqs []int64) error {
	for page := range slices.Chunk(seqs, b.cap) {
		rows, err := b.store.Commands(ctx, page)
		if err != nil {
			return err
		}
		commands := make([]*domain.Envelope, len(rows))
		for i, row := range rows {
			commands[i] = envelope(row)
		}
		for _, run := range runs(commands) {
			if err := b.try(ctx, run); err != nil {
				return err
			}
		}
	}
	return nil
}

// envelope reads a journaled command. One that cannot be read any more is
// rejected as invalid when its turn comes.
func envelope(row store.JournalRow) *domain.Envelope {
	e := &domain.Envelope{
		Seq: row.Seq, Source: row.Source, ID: row.ID, Kind: row.Kind, Actor: domain.UserID(row.Actor),
		OnBehalfOf: domain.AccountID(row.OnBehalfOf), Preview: row.Preview, Hash: row.Hash,
		AcceptedAt: row.AcceptedAt,
	}
	c := Command{ID: row.ID, Kind: row.Kind, Source: row.Source, Actor: e.Actor, OnBehalfOf: e.OnBehalfOf, Preview: row.Preview, Body: row.Body}
	if problems := c.Check(); len(problems) > 0 {
		e.Invalid = problems.Error()
		return e
	}
	e.Command = c.checked
	return e
}

// runs cuts commands, in their order, where the class changes: a batch is all
// catalog, all business, or one move of the clock.
func runs(commands []*domain.Envelope) [][]*domain.Envelope {
	var cut [][]*domain.Envelope
	for i, c := range commands {
		class := domain.ClassOf(c.Kind)
		if i == 0 || class == domain.Control || class != domain.ClassOf(commands[i-1].Kind) {
			cut = append(cut, nil)
		}
		cut[len(cut)-1] = append(cut[len(cut)-1], c)
	}
	return cut
}

// try executes a run; if that fails, its halves, in order, down to the one
// command that fails. So a poisoned command harms nobody but itself.
func (b *Batcher) try(ctx context.Context, run []*domain.Envelope) error {
	err := b.executeRun(ctx, run)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case store.Unreachable(err):
		b.log.Warn("the database cannot be used; the commands stay in the journal", "commands", len(run), "error", err)
		return err
	case len(run) > 1:
		half := len(run) / 2
		if err := b.try(ctx, run[:half]); err != nil {
			return err
		}
		return b.try(ctx, run[half:])
	}
	return b.fail(ctx, run[0], err)
}

// rivalRetries bounds how often a run is repeated because another transaction was in its way.
const rivalRetries = 5

func (b *Batcher) executeRun(ctx context.Context, run []*domain.Envelope) error {
	takenBefore := false
	for attempt := 1; ; attempt++ {
		err := b.executeOnce(ctx, run)
		switch {
		case err == nil:
			return nil
		case store.Transient(err) && attempt < rivalRetries:
			if err := pause(ctx, time.Duration(attempt)*10*time.Millisecond); err != nil {
				return err
			}
		case store.TakenID(err) && !takenBefore:
			takenBefore = true
		default:
			return err
		}
	}
}

func (b *Batcher) executeOnce(ctx context.Context, run []*domain.Envelope) error {
	class := domain.ClassOf(run[0].Kind)
	if class == domain.Control {
		return b.advance(ctx, run[0])
	}
	decided, err := b.store.Execute(ctx, class, run)
	if err == nil {
		b.log.Debug("batch committed", "decided", decided, "of", len(run), "first", run[0].Kind)
	}
	return err
}

// fail notes that a single command failed; the sweeper tries it again until it is dead.
func (b *Batcher) fail(ctx context.Context, c *domain.Envelope, cause error) error {
	dead, err := b.store.Fail(ctx, c.Seq, cause)
	if err != nil {
		return err
	}
	attrs := []any{"id", c.ID, "source", c.Source, "kind", c.Kind, "error", cause}
	var panicked *store.Panic
	if errors.As(cause, &panicked) {
		attrs = append(attrs, "stack", string(panicked.Stack))
	}
	if dead {
		b.log.Error("command is dead; `enqueue retry` puts it back once the cause is mended", attrs...)
	} else {
		b.log.Warn("command failed and will be tried again", attrs...)
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
