package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

var (
	clockMode = sqlText("clock_mode")
	clockShow = sqlText("clock_show")
)

// ErrClockAhead says that the test clock stands in the future, so that real time
// would go backwards.
var ErrClockAhead = errors.New("the test clock of this database stands in the future; start the worker with --test-clock, or use a new database")

// SetClockMode lets business time stand still (test) or run.
func (s *Store) SetClockMode(ctx context.Context, test bool) error {
	batch := &pgx.Batch{} // one implicit transaction
	batch.Queue(gateExclusive)
	var changed int64
	batch.Queue(clockMode, test).Exec(func(tag pgconn.CommandTag) error {
		changed = tag.RowsAffected()
		return nil
	})
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("setting the clock's mode: %w", err)
	}
	if changed == 0 {
		return ErrClockAhead
	}
	return nil
}

// Clock returns business time, and whether it stands still.
func (s *Store) Clock(ctx context.Context) (now time.Time, test bool, err error) {
	if err := s.pool.QueryRow(ctx, clockShow).Scan(&now, &test); err != nil {
		return now, test, fmt.Errorf("reading the clock: %w", err)
	}
	return now.UTC(), test, nil
}
