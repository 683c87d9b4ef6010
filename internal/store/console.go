package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

// What the operator's console reads beside the reports: single things by their
// ids, and pages with the newest first. Every statement finds its rows by index,
// and no more of them than fit on a page, because the console must not be felt.

var (
	consoleCommand     = sqlText("console_command")
	consoleCommands    = sqlText("console_commands")
	consolePending     = sqlText("console_pending")
	consoleMovements   = sqlText("console_movements")
	consoleCharged     = sqlText("console_charged")
	consoleRefusals    = sqlText("console_refusals")
	consoleMail        = sqlText("console_mail")
	consoleMailTo      = sqlText("console_mail_to")
	consoleMailWaiting = sqlText("console_mail_waiting")
	consoleCounts      = sqlText("console_counts")
	consoleSchedule    = sqlText("console_schedule")
)

// ErrNotFound says that there is nothing with such an id.
var ErrNotFound = errors.New("not found")

// one reads a single row by the names of its columns.
func one[R any](ctx context.Context, s *Store, what, sql string, args ...any) (R, error) {
	var none R
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return none, fmt.Errorf("reading %s: %w", what, err)
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[R])
	if errors.Is(err, pgx.ErrNoRows) {
		return none, ErrNotFound
	}
	if err != nil {
		return none, fmt.Errorf("reading %s: %w", what, err)
	}
	return row, nil
}

// some reads a page of rows, by position.
func some[R any](ctx context.Context, s *Store, what, sql string, args ...any) ([]R, error) {
	rows, err := s.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", what, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[R])
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", what, err)
	}
	return all, nil
}

// CommandLife is a command from its acceptance to its outcome.
type CommandLife struct {
	Seq        int64
	Source     string
	ID         string
	Kind       string
	Actor      string
	OnBehalfOf string
	KeyID      string // of the key it was signed with, if it was
	Body       string
	AcceptedAt Instant
	After      *int64 // the command it waits for; nil when decided
	Attempts   int64  // failed ones, while it waits
	Error      string // of the last attempt
	NextAt     Instant
	DeadAt     Instant
	No         int64 // in the ledger; 0 while it waits
	Status     string
	Reason     string
	Detail     string
	Summary    string
	At         Instant
	Result     *string
}

// CommandLife reads a command by its id.
func (s *Store) CommandLife(ctx context.Context, source, id string) (CommandLife, error) {
	return one[CommandLife](ctx, s, "a command", consoleCommand, source, id, nil)
}

// CommandOf reads the command whose outcome has a number.
func (s *Store) CommandOf(ctx context.Context, no int64) (CommandLife, error) {
	return one[CommandLife](ctx, s, "a command", consoleCommand, "", "", no)
}

// CommandRow is a command in a list.
type CommandRow struct {
	Seq        int64
	Source     string
	ID         string
	Kind       string
	Actor      string
	AcceptedAt Instant
	Attempts   int64
	Status     string
	Reason     string // of its refusal, or the last technical failure
}

// LatestCommands are those before a place in the journal (0: its end), the newest first.
func (s *Store) LatestCommands(ctx context.Context, before int64, limit int) ([]CommandRow, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	return some[CommandRow](ctx, s, "the latest commands", consoleCommands, before, limit)
}

// PendingCommands are those that wait, or the dead, after a place in the journal, the oldest first.
func (s *Store) PendingCommands(ctx context.Context, dead bool, after int64, limit int) ([]CommandRow, error) {
	return some[CommandRow](ctx, s, "commands without an outcome", consolePending, dead, after, limit)
}

// MovementRow is licenses that a command moved.
type MovementRow struct {
	Product  string
	Quantity int64
	From, To string // holdings
}

// Movements are what a command moved, by the number of its outcome.
func (s *Store) Movements(ctx context.Context, no int64, limit int) ([]MovementRow, error) {
	return some[MovementRow](ctx, s, "movements", consoleMovements, no, limit)
}

// ChargedRow is an amount that a command caused.
type ChargedRow struct {
	Contract    string
	Account     string
	Product     string
	Kind        string
	Quantity    int64
	UnitPrice   domain.Price
	Amount      domain.Price
	Currency    string
	EffectiveOn domain.Date
}

// Charged are the amounts that a command caused, by the number of its outcome.
func (s *Store) Charged(ctx context.Context, no int64, limit int) ([]ChargedRow, error) {
	return some[ChargedRow](ctx, s, "charges", consoleCharged, no, limit)
}

// RefusalRow is a command that was refused at the door.
type RefusalRow struct {
	At     Instant
	Kind   string
	Actor  string
	Reason string
	Detail string
}

// Refusals are what came with an id and never got into the journal.
func (s *Store) Refusals(ctx context.Context, source, id string) ([]RefusalRow, error) {
	return some[RefusalRow](ctx, s, "refusals", consoleRefusals, source, id)
}

// MailRow is a mail and where it stands.
type MailRow struct {
	No        int64
	N         int64
	Event     string
	Account   string
	Recipient string
	Locale    domain.Locale
	Params    domain.MailParams
	State     MailState
	Attempts  int64
	CreatedAt Instant
	NextAt    Instant
	SentAt    Instant
	MessageID string
	Doubtful  bool
	Error     string
}

// ID names the mail.
func (r MailRow) ID() string { return mailID(r.No, r.N) }

// Mail reads one mail.
func (s *Store) Mail(ctx context.Context, id string) (MailRow, error) {
	no, n, err := parseMailID(id)
	if err != nil {
		return MailRow{}, ErrNotFound
	}
	found, err := some[MailRow](ctx, s, "a mail", consoleMail, no, n+1, no, n-1, 1)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return MailRow{}, err
	}
	return found[0], nil
}

// MailOf are the mails of one cause, the last one first.
func (s *Store) MailOf(ctx context.Context, no int64, limit int) ([]MailRow, error) {
	return some[MailRow](ctx, s, "mails", consoleMail, no, math.MaxInt64, no, -1, limit)
}

// LatestMail are the mails before one (or all), the newest first, to one address if it is given.
func (s *Store) LatestMail(ctx context.Context, to, before string, limit int) ([]MailRow, error) {
	no, n := int64(math.MaxInt64), int64(0)
	if before != "" {
		var err error
		if no, n, err = parseMailID(before); err != nil {
			return nil, badCursor(before)
		}
	}
	if to != "" {
		return some[MailRow](ctx, s, "mails", consoleMailTo, to, no, n, limit)
	}
	return some[MailRow](ctx, s, "mails", consoleMail, no, n, 0, 0, limit)
}

// WaitingMail is what waits to be sent after a mail (or all), what is next first.
func (s *Store) WaitingMail(ctx context.Context, after string, limit int) ([]MailRow, error) {
	at, no, n := time.Time{}, int64(0), int64(0)
	if after != "" {
		last, err := s.Mail(ctx, after)
		if err != nil {
			return nil, badCursor(after)
		}
		at, no, n = last.NextAt.Time, last.No, last.N
	}
	return some[MailRow](ctx, s, "waiting mails", consoleMailWaiting, at, no, n, limit)
}

// Counts are how many mails and commands are in which state.
type Counts struct {
	WaitingMail map[string]int64 // no more than were to be counted
	Mail        map[string]int64 // of the latest
	Commands    map[string]int64 // of the latest
}

// Counts counts waiting mails up to a limit, and the latest commands and mails of any state.
func (s *Store) Counts(ctx context.Context, waiting, latest int) (Counts, error) {
	type count struct {
		What  string
		State string
		N     int64
	}
	found, err := some[count](ctx, s, "counts", consoleCounts, waiting, latest)
	c := Counts{WaitingMail: map[string]int64{}, Mail: map[string]int64{}, Commands: map[string]int64{}}
	for _, f := range found {
		switch f.What {
		case "waiting mail":
			c.WaitingMail[f.State] = f.N
		case "mail":
			c.Mail[f.State] = f.N
		case "commands":
			c.Commands[f.State] = f.N
		}
	}
	return c, err
}

// NextOnSchedule is what needs attention, what runs, and what is next, in this order.
func (s *Store) NextOnSchedule(ctx context.Context, limit int) ([]ScheduleRow, error) {
	return some[ScheduleRow](ctx, s, "the schedule", consoleSchedule, limit)
}
