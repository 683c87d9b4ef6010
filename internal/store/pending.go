package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

var (
	pendingTake     = sqlText("pending_take")
	pendingGiveBack = sqlText("pending_give_back")
	pendingUntried  = sqlText("pending_untried")
	pendingFail     = sqlText("pending_fail")
	pendingCount    = sqlText("pending_count")
)

// MaxAttempts is how often a command is tried before it is dead. A failure
// counts one, and so does being taken by the sweeper: that count is committed
// beforehand, so that a command which ends the process is caught too.
const MaxAttempts = 8

// Due is a command that waits too long.
type Due struct {
	Seq      int64
	Attempts int64
}

// TakeDue takes up to limit commands that have waited too long, oldest first,
// and raises their attempts.
func (s *Store) TakeDue(ctx context.Context, limit int) ([]Due, error) {
	rows, err := s.commands.Query(ctx, pendingTake, limit)
	if err != nil {
		return nil, fmt.Errorf("looking for commands that wait too long: %w", err)
	}
	due, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Due])
	if err != nil {
		return nil, fmt.Errorf("looking for commands that wait too long: %w", err)
	}
	return due, nil
}

// GiveBack takes back the attempt of commands that could not be tried.
func (s *Store) GiveBack(ctx context.Context, seqs []int64) error {
	if _, err := s.commands.Exec(ctx, pendingGiveBack, seqs); err != nil {
		return fmt.Errorf("giving back %d commands: %w", len(seqs), err)
	}
	return nil
}

// Untried takes back the attempt of commands that turned out to be held
// elsewhere, or to wait for the one before them.
func (s *Store) Untried(ctx context.Context, seqs []int64) error {
	if _, err := s.commands.Exec(ctx, pendingUntried, seqs); err != nil {
		return fmt.Errorf("giving back %d commands that were not tried: %w", len(seqs), err)
	}
	return nil
}

// Fail notes that a command failed for a technical reason. It rests for a pause
// times its attempts, unless it is dead now.
func (s *Store) Fail(ctx context.Context, seq int64, cause error, pause time.Duration) (dead bool, err error) {
	err = s.commands.QueryRow(ctx, pendingFail, seq, strings.ToValidUTF8(cause.Error(), "?"), MaxAttempts, pause).Scan(&dead)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil // decided meanwhile
	}
	if err != nil {
		return false, fmt.Errorf("noting that command %d failed: %w", seq, err)
	}
	return dead, nil
}

// Backlog is what waits.
type Backlog struct {
	Waiting           int64
	Retrying          int64 // of those that wait, those that have failed before
	Dead              int64
	OldestSeconds     float64 // since the oldest that waits was accepted
	OldestDeadSeconds float64 // since the oldest dead one was given up
}

func (b *Backlog) scan(row pgx.Row) error {
	return row.Scan(&b.Waiting, &b.Retrying, &b.Dead, &b.OldestSeconds, &b.OldestDeadSeconds)
}

// Backlog counts what waits.
func (s *Store) Backlog(ctx context.Context) (b Backlog, err error) {
	if err := b.scan(s.pool.QueryRow(ctx, pendingCount)); err != nil {
		return b, fmt.Errorf("counting what waits: %w", err)
	}
	return b, nil
}

// Transient says whether an error is that of a rival transaction: try again at once.
func Transient(err error) bool {
	switch sqlState(err) {
	case "40001", "40P01", "55P03": // serialization failure, deadlock, lock timeout
		return true
	}
	return errors.Is(err, errRival)
}

// errRival says that another transaction has created a row while a batch that
// names it was on its way: to be tried again, with the row.
var errRival = errors.New("another transaction has created what this one names")

// TakenID says whether an id chosen by upstream was taken while a batch ran; in
// a second run its rule sees it.
func TakenID(err error) bool { return sqlState(err) == "23505" }

// Unreachable says whether an error is that of the database or the way to it,
// not of a command. Where it is unclear it says no: then the command is tried
// alone, and noting its failure shows whether the database can be reached.
func Unreachable(err error) bool {
	switch state := sqlState(err); {
	case state == "57014": // a statement took too long
		return false
	case state != "":
		class := state[:2]
		return class == "08" || class == "53" || class == "57" || class == "58" || state == "25P03" || state == "25006"
	}
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) || pgconn.Timeout(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

func sqlState(err error) string {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return pgErr.Code
	}
	return ""
}
