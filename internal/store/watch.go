package store

import (
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/licenseledger/licenseledger/domain"
)

// Batch is a transaction of commands that has been committed.
type Batch struct {
	Steps    []domain.Step
	Outcomes []domain.Outcome // of the steps, in their order
	Took     time.Duration
	Ages     []time.Duration // of the steps, from acceptance to commit; none while the test clock stands still
}

// watcher is told of batches. The zero value watches nothing.
type watcher struct {
	now       func() time.Time // elapsed time, not business time
	committed func(Batch)
	refused   func(Instruction, *domain.Rejection)
}

// Watch has every batch told that this process commits, and every command that
// it refuses at the door, in the goroutine that does so. It must be set before
// anything is executed.
func (s *Store) Watch(now func() time.Time, committed func(Batch), refused func(Instruction, *domain.Rejection)) {
	s.watcher = watcher{now: now, committed: committed, refused: refused}
}

// stopwatch is one batch under way; nil if nobody watches.
type stopwatch struct {
	watcher
	began, claimed time.Time
}

func (w watcher) start() *stopwatch {
	if w.committed == nil {
		return nil
	}
	return &stopwatch{watcher: w, began: w.now()}
}

// claim notes that the clock of the ledger has just been read.
func (s *stopwatch) claim() {
	if s != nil {
		s.claimed = s.now()
	}
}

// stop tells of the batch. Ages are reckoned by the clock of Postgres, so that
// those of several machines need not agree.
func (s *stopwatch) stop(clock domain.Clock, steps []domain.Step, outcomes []domain.Outcome) {
	if s == nil {
		return
	}
	now := s.now()
	b := Batch{Steps: steps, Outcomes: outcomes, Took: now.Sub(s.began)}
	if !clock.Test {
		b.Ages = make([]time.Duration, len(steps))
		for i, step := range steps {
			b.Ages[i] = max(clock.Now.Sub(step.Envelope.AcceptedAt), 0) + now.Sub(s.claimed)
		}
	}
	s.committed(b)
}

// Pools are the connections to Postgres by what they are for.
func (s *Store) Pools() map[string]*pgxpool.Stat {
	return map[string]*pgxpool.Stat{"commands": s.commands.Stat(), "other": s.pool.Stat()}
}
