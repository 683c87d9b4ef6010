package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

var (
	restoreBegin     = sqlText("restore_begin")
	restoreHeld      = sqlText("restore_held")
	restoreDelivered = sqlText("restore_delivered")
	restoreDoubt     = sqlText("restore_doubt")
	restoreRelease   = sqlText("restore_release")
)

// restoreGap is more numbers than can have been given between a backup and its restore.
const restoreGap = 10_000_000_000

// Restored is where numbers go on after a restore.
type Restored struct {
	FirstSeq int64 // of commands
	FirstNo  int64 // of outcomes and mails
}

// NoteRestore says that the database was restored from a backup. It holds all
// mail until EndMailHold, and gives no number a second time that may have been
// given after the backup.
func (s *Store) NoteRestore(ctx context.Context) (r Restored, err error) {
	if err := s.pool.QueryRow(ctx, restoreBegin, restoreGap).Scan(&r.FirstSeq, &r.FirstNo); err != nil {
		return r, fmt.Errorf("noting the restore: %w", err)
	}
	return r, nil
}

// MailHeld says since when mail is held because of a restore; nil if it is not.
func (s *Store) MailHeld(ctx context.Context) (since *time.Time, err error) {
	if err := s.pool.QueryRow(ctx, restoreHeld).Scan(&since); err != nil {
		return nil, fmt.Errorf("asking whether mail is held: %w", err)
	}
	return since, nil
}

// ErrMailNotHeld says that there is nothing to release.
var ErrMailNotHeld = errors.New("mail is not held")

// Delivery is a mail that is known to have arrived before a restore.
type Delivery struct {
	Key       string // the part of the message id before the @
	MessageID string // with its angle brackets
}

// Released is what became of the mail that was held.
type Released struct {
	Delivered int64 // not sent again
	InDoubt   int64 // sent, and marked as doubtful
}

// EndMailHold lets mail go again after a restore. What is known to have been
// delivered counts as sent; all that waits besides is in doubt.
func (s *Store) EndMailHold(ctx context.Context, known []Delivery) (r Released, err error) {
	keys, ids := make([]string, len(known)), make([]string, len(known))
	for i, d := range known {
		keys[i], ids[i] = d.Key, d.MessageID
	}
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if tag, err := tx.Exec(ctx, restoreRelease); err != nil {
			return err
		} else if tag.RowsAffected() == 0 {
			return ErrMailNotHeld
		}
		delivered, err := tx.Exec(ctx, restoreDelivered, keys, ids)
		if err != nil {
			return err
		}
		doubted, err := tx.Exec(ctx, restoreDoubt)
		r = Released{Delivered: delivered.RowsAffected(), InDoubt: doubted.RowsAffected()}
		return err
	})
	if err != nil {
		return Released{}, fmt.Errorf("releasing mail: %w", err)
	}
	return r, nil
}
