package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/licenseledger/licenseledger/internal/store"
)

const (
	sweepEvery = time.Second // looks read past what was done lately, which costs when much waits
	sweepPage  = 500
	// suspectAfter attempts a command is tried alone: it may be what ends the process.
	suspectAfter = 3
)

// Sweeper executes what is due in the journal, whatever became of its task. It
// does not queue again, which would double the load just when the backlog is long.
type Sweeper struct {
	store   *store.Store
	batcher *Batcher
	log     *slog.Logger
}

// NewSweeper makes a sweeper; Run works it.
func NewSweeper(s *store.Store, b *Batcher, log *slog.Logger) *Sweeper {
	return &Sweeper{store: s, batcher: b, log: log}
}

// Run sweeps until the context ends.
func (w *Sweeper) Run(ctx context.Context) {
	broken := false
	for {
		full, err := w.sweep(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !broken:
			w.log.Warn("sweeping the journal failed; trying again every second", "error", err)
		case err == nil && broken:
			w.log.Info("sweeping the journal works again")
		}
		broken = err != nil
		if full && !broken {
			continue
		}
		if pause(ctx, sweepEvery) != nil {
			return
		}
	}
}

// sweep executes one page of what is due; full says that there may be more.
func (w *Sweeper) sweep(ctx context.Context) (full bool, err error) {
	due, err := w.store.TakeDue(ctx, sweepPage)
	if err != nil || len(due) == 0 {
		return false, err
	}
	var together []int64
	for _, d := range due {
		if d.Attempts < suspectAfter {
			together = append(together, d.Seq)
		}
	}
	if len(together) > 0 {
		if err := w.do(ctx, together); err != nil {
			return false, err
		}
	}
	for _, d := range due {
		if d.Attempts >= suspectAfter {
			if err := w.alone(ctx, d); err != nil {
				return false, err
			}
		}
	}
	return len(due) == sweepPage, nil
}

var errEndsProcess = errors.New("the worker ended each time it was decided")

func (w *Sweeper) alone(ctx context.Context, d store.Due) error {
	if d.Attempts > store.MaxAttempts {
		w.log.Error("command is dead: "+errEndsProcess.Error(), "seq", d.Seq, "attempts", d.Attempts)
		_, err := w.store.Fail(ctx, d.Seq, errEndsProcess, failPause)
		return err
	}
	return w.do(ctx, []int64{d.Seq})
}

// do executes; an attempt that could not be made does not count.
func (w *Sweeper) do(ctx context.Context, seqs []int64) error {
	err := w.batcher.Do(ctx, seqs)
	if err == nil {
		return w.store.Untried(ctx, seqs)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	return errors.Join(err, w.store.GiveBack(ctx, seqs))
}
