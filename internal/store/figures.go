package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

var (
	figuresTimeout    = sqlText("figures_timeout")
	figuresMail       = sqlText("figures_mail")
	figuresSchedule   = sqlText("figures_schedule")
	figuresInvoices   = sqlText("figures_invoices")
	figuresMailFailed = sqlText("figures_mail_failed")
)

// Figures are what an operator watches, as the ledger stands now.
type Figures struct {
	Backlog
	Mail     []MailFigure
	Schedule []ScheduleFigure
}

// MailFigure is how many mails wait in a state, and for how long the oldest has.
type MailFigure struct {
	State         string
	Count         int64
	OldestSeconds float64
}

// ScheduleFigure is how late a schedule is, and how many of its rows were given up.
type ScheduleFigure struct {
	Name           string
	LagSeconds     float64
	NeedsAttention int64
}

// BillingFigures take longer to find out than [Figures], and change seldom.
type BillingFigures struct {
	NumberGaps       int64 // numbers without an invoice
	MonthsDue        int64 // sealed, not invoiced
	WithoutDocuments int64
	MailFailed       int64 // of the latest mails
}

// latestMails is how far back given up mails are counted.
const latestMails = 100_000

// Figures reads what changes all the time. Each statement may take that long.
func (s *Store) Figures(ctx context.Context, timeout time.Duration) (f Figures, err error) {
	batch := &pgx.Batch{} // one implicit transaction
	batch.Queue(figuresTimeout, milliseconds(timeout))
	batch.Queue(pendingCount).QueryRow(f.Backlog.scan)
	batch.Queue(figuresMail).Query(func(rows pgx.Rows) (err error) {
		f.Mail, err = pgx.CollectRows(rows, pgx.RowToStructByPos[MailFigure])
		return err
	})
	batch.Queue(figuresSchedule).Query(func(rows pgx.Rows) (err error) {
		f.Schedule, err = pgx.CollectRows(rows, pgx.RowToStructByPos[ScheduleFigure])
		return err
	})
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return f, fmt.Errorf("reading figures: %w", err)
	}
	return f, nil
}

// BillingFigures reads what changes seldom. Each statement may take that long.
func (s *Store) BillingFigures(ctx context.Context, timeout time.Duration) (f BillingFigures, err error) {
	batch := &pgx.Batch{} // one implicit transaction
	batch.Queue(figuresTimeout, milliseconds(timeout))
	batch.Queue(figuresInvoices).QueryRow(func(row pgx.Row) error {
		return row.Scan(&f.NumberGaps, &f.MonthsDue, &f.WithoutDocuments)
	})
	batch.Queue(figuresMailFailed, latestMails).QueryRow(func(row pgx.Row) error { return row.Scan(&f.MailFailed) })
	if err := s.pool.SendBatch(ctx, batch).Close(); err != nil {
		return f, fmt.Errorf("reading figures of invoices and mails: %w", err)
	}
	return f, nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
