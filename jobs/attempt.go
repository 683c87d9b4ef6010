package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/traces"
)

// execute executes commands here and now, in their order.
func (b *Batcher) execute(ctx context.Context, seqs []int64) error {
	commands, err := b.read(ctx, seqs)
	if err != nil {
		return err
	}
	for _, run := range runs(commands) {
		if err := b.tryAll(ctx, run); err != nil {
			return err
		}
	}
	return nil
}

// envelope reads a journaled command. One that cannot be read is rejected as
// invalid when its turn comes, unless a newer version may be able to read it.
func envelope(row store.JournalRow) (e *domain.Envelope, newer error) {
	e = &domain.Envelope{
		Seq: row.Seq, Source: row.Source, ID: row.ID, Kind: row.Kind, Actor: domain.UserID(row.Actor),
		OnBehalfOf: domain.AccountID(row.OnBehalfOf), Preview: row.Preview, Hash: row.Hash,
		AcceptedAt: row.AcceptedAt, After: row.After,
	}
	c := Command{ID: row.ID, Kind: row.Kind, Source: row.Source, Actor: e.Actor, OnBehalfOf: e.OnBehalfOf, Preview: row.Preview, Body: row.Body}
	var problems Problems
	if problems.checkEnvelope(&c); len(problems) > 0 {
		e.Invalid = problems.Error()
		if slices.ContainsFunc(problems, func(p Problem) bool { return p.unknown }) {
			return e, fmt.Errorf("this version cannot read it: %w", problems)
		}
		return e, nil
	}
	e.Command = c.checked
	return e, nil
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

// tryAll executes a run of any length, the cap at a time. A few that are left go
// with the last page: a transaction of their own would cost more than they do.
func (b *Batcher) tryAll(ctx context.Context, run []*domain.Envelope) error {
	for len(run) > 0 {
		n := len(run)
		if n > b.cap+b.cap/4 {
			n = b.cap
		}
		if err := b.try(ctx, run[:n]); err != nil {
			return err
		}
		run = run[n:]
	}
	return nil
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
	case errors.Is(err, errEarlier):
		b.log.Warn("commands wait for what was due before them; the sweeper takes them", "commands", len(run), "error", err)
		return nil
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
		var first *store.DueFirst
		switch {
		case err == nil:
			return nil
		case errors.As(err, &first):
			if err := b.doFirst(ctx, first.Rows); err != nil {
				return err
			}
			attempt = 1 // something was done
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

func (b *Batcher) executeOnce(ctx context.Context, run []*domain.Envelope) (err error) {
	ctx, end := traces.Span(ctx, "batch", trace.SpanKindConsumer, len(run), b.origins.all(run)...)
	defer func() { end(err) }()
	class := domain.ClassOf(run[0].Kind)
	if class == domain.Control {
		return b.advance(ctx, run[0])
	}
	_, err = b.store.Execute(ctx, class, run)
	return err
}

// newerPause is how long a command rests, times its attempts, that only a newer
// version can read. It is dead after eight minutes or less: long enough for
// workers to be upgraded one by one, and it must not hold up for ever what falls due.
const newerPause = 30 * time.Second

// leave leaves a command for a worker of a newer version.
func (b *Batcher) leave(ctx context.Context, c *domain.Envelope, cause error) error {
	dead, err := b.store.Fail(ctx, c.Seq, cause, newerPause)
	if err != nil {
		return err
	}
	attrs := []any{"id", c.ID, "source", c.Source, "kind", c.Kind, "error", cause}
	if dead {
		b.log.Error("command is dead; upgrade all workers, then `enqueue retry` puts it back", attrs...)
	} else {
		b.log.Warn("command is left for a newer worker", attrs...)
	}
	return nil
}

// failPause is how long a command rests, times its attempts, that has failed.
const failPause = 500 * time.Millisecond

// fail notes that a single command failed; the sweeper tries it again until it is dead.
func (b *Batcher) fail(ctx context.Context, c *domain.Envelope, cause error) error {
	dead, err := b.store.Fail(ctx, c.Seq, cause, failPause)
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
