package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	closeDue  = sqlText("close_due")
	closeSeal = sqlText("close_seal")
	closeNext = sqlText("close_next")
)

// Closing a month takes two steps. Sealing, under the exclusive gate, lets
// nothing more into it; from then on its invoice follows from what is written,
// whoever makes it and however often.

// NextClose is when the month of some contract closes next; nil: never.
func (s *Store) NextClose(ctx context.Context) (*time.Time, error) {
	var at *time.Time
	if err := s.commands.QueryRow(ctx, closeNext).Scan(&at); err != nil {
		return nil, fmt.Errorf("looking for the next month to close: %w", err)
	}
	return at, nil
}

// sealing is a contract whose month is over.
type sealing struct {
	Contract    domain.ContractID
	Seller      domain.SellerID
	NextCloseAt time.Time
	TimeZone    domain.ZoneName
}

// SealMonths closes the months that ended first, as far as they have by an
// instant, to new facts. It returns how many it sealed.
func (s *Store) SealMonths(ctx context.Context, now time.Time) (int, error) {
	tx, err := s.commands.BeginTx(ctx, s.begin)
	if err != nil {
		return 0, fmt.Errorf("beginning to seal months: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	batch := &pgx.Batch{}
	batch.Queue(gateTimeout)
	batch.Queue(gateExclusive)
	var due []sealing
	queue(batch, closeDue, func(d sealing) { due = append(due, d) }, now)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return 0, fmt.Errorf("looking for months to seal: %w", err)
	}
	if len(due) == 0 {
		return 0, nil
	}
	type sealed struct {
		Contract domain.ContractID
		Seller   domain.SellerID
		Period   domain.Date
		Through  domain.Date
		DueAt    time.Time
		NextAt   time.Time
	}
	rows := make([]sealed, len(due))
	for i, d := range due {
		zone, err := domain.ZoneNamed(string(d.TimeZone))
		if err != nil {
			return 0, fmt.Errorf("contract %s: %w", d.Contract, err)
		}
		// Two days before, it is the month everywhere, also if the contract has got another zone since.
		last := domain.DateIn(d.NextCloseAt.Add(-48*time.Hour), zone)
		next := last.FirstOfMonth().AddMonths(2).StartIn(zone).UTC()
		rows[i] = sealed{d.Contract, d.Seller, last.FirstOfMonth(), last.FirstOfMonth().AddMonths(1) - 1, d.NextCloseAt, next}
	}
	if _, err := tx.Exec(ctx, closeSeal, columns(rows)...); err != nil {
		return 0, fmt.Errorf("sealing %d months: %w", len(due), err)
	}
	if err := tx.Commit(ctx); err != nil {
		return 0, fmt.Errorf("committing %d sealed months: %w", len(due), err)
	}
	return len(due), nil
}
