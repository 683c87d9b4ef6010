package store

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	gateExclusive = sqlText("gate_exclusive")
	gateTimeout   = sqlText("gate_timeout")
	batchClock    = sqlText("batch_clock")
	batchClaim    = sqlText("batch_claim")
)

// A Panic is a command whose decision panicked: a bug, which must harm only
// that command.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("deciding panicked: %v", p.Value) }

// Execute decides the commands that still wait, all of one class, in one
// transaction: gate, claim, load, decide, save. What others hold or have
// decided is left out, so it may be called twice with the same commands.
// It returns how many were decided. [DueFirst] says what has to be done before.
func (s *Store) Execute(ctx context.Context, class domain.Class, commands []*domain.Envelope) (decided int, err error) {
	watch := s.watcher.start()
	tx, err := s.commands.BeginTx(ctx, s.begin)
	if err != nil {
		return 0, fmt.Errorf("beginning a batch: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // after a commit this does nothing

	l := &loader{tx: tx, state: domain.NewState(), class: class}
	steps, err := l.claim(ctx, commands)
	if err != nil || len(steps) == 0 {
		return 0, err
	}
	watch.claim()
	if err := l.load(ctx, steps); err != nil {
		return 0, err
	}
	if err := l.needNothingDue(ctx, steps); err != nil {
		return 0, err
	}
	outcomes, err := decideAll(l.state, steps)
	if err != nil {
		return 0, err
	}
	if err := save(ctx, tx, l.state, outcomes); err != nil {
		return 0, err
	}
	if err := tx.Commit(ctx); err != nil {
		return 0, fmt.Errorf("committing a batch of %d: %w", len(steps), err)
	}
	watch.stop(l.state.Clock, steps, outcomes)
	return len(steps), nil
}

func decideAll(state *domain.State, steps []domain.Step) (outcomes []domain.Outcome, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &Panic{Value: value, Stack: debug.Stack()}
		}
	}()
	return domain.DecideAll(state, steps), nil
}

// claim passes the gate, reads the clock after it, and takes the commands that
// wait for nobody else.
func (l *loader) claim(ctx context.Context, commands []*domain.Envelope) ([]domain.Step, error) {
	bySeq := make(map[int64]*domain.Envelope, len(commands))
	seqs := make([]int64, len(commands))
	for i, c := range commands {
		bySeq[c.Seq], seqs[i] = c, c.Seq
	}
	batch := &pgx.Batch{}
	if l.class == domain.Business {
		batch.Queue(gateShared)
	} else {
		batch.Queue(gateTimeout)
		batch.Queue(gateExclusive)
	}
	batch.Queue(batchClock).QueryRow(func(row pgx.Row) error {
		return row.Scan(&l.state.Clock.Now, &l.state.Clock.Test, &l.state.Clock.Unused)
	})
	var steps []domain.Step
	batch.Queue(batchClaim, seqs).Query(func(rows pgx.Rows) error {
		taken := map[int64]bool{}
		var seq, after int64
		var waits bool
		_, err := pgx.ForEachRow(rows, []any{&seq, &after, &waits}, func() error {
			if waits && !taken[after] {
				return nil // its turn comes when the one before it has an outcome
			}
			taken[seq] = true
			steps = append(steps, domain.Step{Envelope: bySeq[seq]})
			return nil
		})
		return err
	})
	if err := l.tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("claiming %d commands: %w", len(commands), err)
	}
	return steps, nil
}

// Preview decides one command on what the ledger holds now and forgets it: no
// lock is taken, no number is used, nothing is written.
func (s *Store) Preview(ctx context.Context, class domain.Class, command *domain.Envelope) (domain.Preview, error) {
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return domain.Preview{}, fmt.Errorf("beginning a preview: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()

	l := &loader{tx: tx, state: domain.NewState(), class: class, readOnly: true}
	row := tx.QueryRow(ctx, batchClock)
	if err := row.Scan(&l.state.Clock.Now, &l.state.Clock.Test, &l.state.Clock.Unused); err != nil {
		return domain.Preview{}, fmt.Errorf("reading the clock: %w", err)
	}
	command.AcceptedAt = l.state.Clock.Now
	steps := []domain.Step{{Envelope: command}}
	if err := l.load(ctx, steps); err != nil {
		return domain.Preview{}, err
	}
	return domain.PreviewOne(l.state, steps[0]), nil
}
