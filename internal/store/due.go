package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	dueRows    = sqlText("due_rows")
	dueNext    = sqlText("due_next")
	dueWaiting = sqlText("due_waiting")
	dueInsert  = sqlText("due_insert")
	dueFailed  = sqlText("due_failed")
	dueDone    = sqlText("due_done")

	dueOfContracts = sqlText("due_of_contracts")
	dueStep        = sqlText("due_step")
	dueBump        = sqlText("due_bump")
)

// Due returns a page of what has fallen due, the oldest first.
func (s *Store) Due(ctx context.Context, now time.Time, limit int) ([]domain.Due, error) {
	rows, err := s.commands.Query(ctx, dueRows, now, limit)
	if err != nil {
		return nil, fmt.Errorf("looking for what is due: %w", err)
	}
	due := make([]domain.Due, 0, limit)
	if err := forEach(rows, func(d domain.Due) { due = append(due, d) }); err != nil {
		return nil, fmt.Errorf("looking for what is due: %w", err)
	}
	return due, nil
}

// NextDue is when something falls due next; nil: never.
func (s *Store) NextDue(ctx context.Context) (*time.Time, error) {
	var at *time.Time
	if err := s.commands.QueryRow(ctx, dueNext).Scan(&at); err != nil {
		return nil, fmt.Errorf("looking for what falls due next: %w", err)
	}
	return at, nil
}

// WaitingBefore returns catalog and business commands that were accepted before
// an instant and have no outcome: what falls due then waits for them.
func (s *Store) WaitingBefore(ctx context.Context, at time.Time, limit int) ([]int64, error) {
	rows, err := s.commands.Query(ctx, dueWaiting, at, limit)
	if err != nil {
		return nil, fmt.Errorf("looking for commands accepted before %s: %w", at, err)
	}
	seqs, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("looking for commands accepted before %s: %w", at, err)
	}
	return seqs, nil
}

// PassGate waits until all that is being accepted has been. Whatever is accepted
// after it has a later instant.
func (s *Store) PassGate(ctx context.Context) error {
	err := pgx.BeginTxFunc(ctx, s.commands, s.begin, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(gateTimeout)
		batch.Queue(gateExclusive)
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return fmt.Errorf("waiting for what is being accepted: %w", err)
	}
	return nil
}

// ExecuteDue does what is due in one transaction, and returns the commands that
// it made of that. What another worker has done, or does, is left out: the id of
// a command says what it is about.
func (s *Store) ExecuteDue(ctx context.Context, due []domain.Due, now time.Time) (decided []*domain.Envelope, err error) {
	watch := s.watcher.start()
	tx, err := s.commands.BeginTx(ctx, s.begin)
	if err != nil {
		return nil, fmt.Errorf("beginning a batch of what is due: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()

	l := &loader{tx: tx, state: domain.NewState(), class: domain.Scheduled}
	steps, err := l.journalDue(ctx, due, now)
	if err != nil || len(steps) == 0 {
		return nil, err
	}
	watch.claim()
	if err := l.load(ctx, steps); err != nil {
		return nil, err
	}
	outcomes, err := decideAll(l.state, steps)
	if err != nil {
		return nil, err
	}
	if err := save(ctx, tx, l.state, outcomes); err != nil {
		return nil, err
	}
	if err := tx.Commit(ctx); err != nil {
		return nil, fmt.Errorf("committing a batch of %d that were due: %w", len(steps), err)
	}
	watch.stop(l.state.Clock, steps, outcomes)
	for _, step := range steps {
		decided = append(decided, step.Envelope)
	}
	return decided, nil
}

// journalDue passes the gate and writes commands for what is due into the journal.
func (l *loader) journalDue(ctx context.Context, due []domain.Due, now time.Time) ([]domain.Step, error) {
	ids, kinds, bodies := make([]string, len(due)), make([]string, len(due)), make([]string, len(due))
	at := make([]time.Time, len(due))
	commands := make([]*domain.Envelope, len(due))
	for i, d := range due {
		c := d.Envelope(now)
		commands[i] = c
		body, err := json.Marshal(c.Command)
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", c.ID, err)
		}
		ids[i], kinds[i], bodies[i], at[i] = c.ID, c.Kind, string(body), c.AcceptedAt
	}
	batch := &pgx.Batch{}
	batch.Queue(gateShared)
	batch.Queue(batchClock).QueryRow(func(row pgx.Row) error {
		return row.Scan(&l.state.Clock.Now, &l.state.Clock.Test, &l.state.Clock.Unused)
	})
	fresh := make(map[string]int64, len(due))
	batch.Queue(dueInsert, domain.ScheduleSource, ids, kinds, bodies, at).Query(func(rows pgx.Rows) error {
		var seq int64
		var id string
		_, err := pgx.ForEachRow(rows, []any{&seq, &id}, func() error {
			fresh[id] = seq
			return nil
		})
		return err
	})
	err := l.tx.SendBatch(ctx, batch).Close()
	if TakenID(err) {
		err = errors.Join(errRival, err)
	}
	if err != nil {
		return nil, fmt.Errorf("writing %d commands of the schedule to the journal: %w", len(commands), err)
	}
	var steps []domain.Step
	for i, c := range commands {
		if seq, ok := fresh[c.ID]; ok {
			c.Seq = seq
			steps = append(steps, domain.Step{Envelope: c})
			l.due = append(l.due, due[i])
		}
	}
	return steps, nil
}

// DueFailed takes a row out of the schedule that cannot be dealt with, so that
// it does not hold up the others, and keeps why for the operator.
func (s *Store) DueFailed(ctx context.Context, due domain.Due, name string, cause error) error {
	if _, err := s.commands.Exec(ctx, dueFailed, due.SourceTable, due.ID, name, due.NextDueAt, strings.ToValidUTF8(cause.Error(), "?")); err != nil {
		return fmt.Errorf("noting that %s of %s failed: %w", name, due.ID, err)
	}
	return nil
}

// DueDone says whether a command of the schedule has its outcome.
func (s *Store) DueDone(ctx context.Context, id string) (done bool, err error) {
	if err := s.commands.QueryRow(ctx, dueDone, domain.ScheduleSource, id).Scan(&done); err != nil {
		return false, fmt.Errorf("looking whether %s is done: %w", id, err)
	}
	return done, nil
}

// DueFirst says that subscriptions were due before commands were accepted that
// change them, or the contracts they renew under. What was due has to be done
// first: prices, seats and terms follow from the order.
type DueFirst struct{ Rows []domain.Due }

func (e *DueFirst) Error() string {
	return fmt.Sprintf("%d subscriptions were due before, first %s", len(e.Rows), e.Rows[0].ID)
}

// needNothingDue fails if something has to be done before the commands are decided.
func (l *loader) needNothingDue(ctx context.Context, steps []domain.Step) error {
	due := l.state.DueBefore(steps)
	if contracts, latest := contractsPut(steps); len(contracts) > 0 {
		batch := &pgx.Batch{}
		queue(batch, dueOfContracts, func(d domain.Due) { due = append(due, d) }, contracts, latest)
		if err := l.tx.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("looking for subscriptions that were due before: %w", err)
		}
	}
	if len(due) > 0 {
		return &DueFirst{due}
	}
	return nil
}

// contractsPut are the contracts that commands put, and when the last was accepted.
func contractsPut(steps []domain.Step) (contracts []string, latest time.Time) {
	for _, step := range steps {
		if put, ok := step.Envelope.Command.(domain.PutContract); ok {
			contracts = append(contracts, string(put.ID))
			if step.Envelope.AcceptedAt.After(latest) {
				latest = step.Envelope.AcceptedAt
			}
		}
	}
	return contracts, latest
}

// StepClock lets the test clock stand at a later instant, and keeps the command
// that moves it from being taken for one that hangs.
func (s *Store) StepClock(ctx context.Context, to time.Time, seq int64) error {
	batch := &pgx.Batch{} // one implicit transaction
	batch.Queue(gateExclusive)
	batch.Queue(dueStep, to)
	batch.Queue(dueBump, seq)
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("moving the test clock to %s: %w", to, err)
	}
	return nil
}
