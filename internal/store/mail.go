package store

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

// MailState is where a mail stands.
type MailState string

// A mail is pending until a worker claims it and is sending; then it is sent,
// failed for good, or waits again. In doubt means that it may have arrived
// although nobody said so; it is sent again.
const (
	MailPending MailState = "pending"
	MailSending MailState = "sending"
	MailSent    MailState = "sent"
	MailFailed  MailState = "failed"
	MailInDoubt MailState = "in_doubt"
)

// ClaimedMail is a mail that this worker alone may send while its lease lasts.
type ClaimedMail struct {
	domain.Mail
	State     MailState
	Attempts  int64 // this one included
	Token     int64
	MessageID string // the same at every attempt, with its angle brackets
	Doubtful  bool   // may have arrived before
}

// ID is how reports and logs name the mail.
func (m ClaimedMail) ID() string { return mailID(m.No, m.N) }

func mailID(no, n int64) string { return fmt.Sprintf("%d-%d", no, n) }

// MailClaim says how many mails to claim and for how long.
type MailClaim struct {
	Limit  int
	Lease  time.Duration
	Pause  time.Duration // how long a mail rests whose worker was killed
	Domain string        // of new message ids
}

var (
	mailClaim    = sqlText("mail_claim")
	mailMark     = sqlText("mail_mark")
	mailRelease  = sqlText("mail_release")
	mailRenew    = sqlText("mail_renew")
	mailReport   = sqlText("mail_report")
	mailReportTo = sqlText("mail_report_to")
)

// ClaimMail takes mails that are due and commits. Those found with a lease that
// is over come back as doubted: they may have arrived and are due again after
// the pause.
func (s *Store) ClaimMail(ctx context.Context, c MailClaim) (claimed, doubted []ClaimedMail, err error) {
	rows, err := s.commands.Query(ctx, mailClaim, c.Limit, c.Lease, c.Pause, c.Domain)
	if err != nil {
		return nil, nil, fmt.Errorf("claiming mail: %w", err)
	}
	// Lax, because what caused a mail is kept in its key only.
	found, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[ClaimedMail])
	if err != nil {
		return nil, nil, fmt.Errorf("claiming mail: %w", err)
	}
	for _, m := range found {
		if m.State == MailSending {
			claimed = append(claimed, m)
		} else {
			doubted = append(doubted, m)
		}
	}
	return claimed, doubted, nil
}

// MailMark is what became of an attempt.
type MailMark struct {
	State    MailState
	Wait     time.Duration // until the next attempt, if there is one
	Doubtful bool          // it may have arrived
	Error    string
}

// maxMailError keeps a talkative server from filling the table.
const maxMailError = 500

// MailResult is a claimed mail and what became of it.
type MailResult struct {
	Mail ClaimedMail
	Mark MailMark
}

// MarkMails records what became of attempts, in one transaction. It reports
// false for those whose lease was lost, and which another worker has claimed or
// settled.
func (s *Store) MarkMails(ctx context.Context, results []MailResult) (held []bool, err error) {
	mails := make([]ClaimedMail, len(results))
	var states, problems []string
	var waits []time.Duration
	var doubtful []bool
	for i, r := range results {
		mails[i] = r.Mail
		problem := strings.ReplaceAll(r.Mark.Error, "\x00", "") // Postgres takes neither this nor broken UTF-8
		problem = strings.ToValidUTF8(problem[:min(len(problem), maxMailError)], "")
		states, waits = append(states, string(r.Mark.State)), append(waits, r.Mark.Wait)
		problems, doubtful = append(problems, problem), append(doubtful, r.Mark.Doubtful)
	}
	nos, ns, tokens := claims(mails)
	rows, err := s.commands.Query(ctx, mailMark, nos, ns, tokens, states, waits, problems, doubtful)
	if err != nil {
		return nil, fmt.Errorf("marking %d mails: %w", len(results), err)
	}
	marked := map[[2]int64]bool{}
	var no, n int64
	if _, err := pgx.ForEachRow(rows, []any{&no, &n}, func() error { marked[[2]int64{no, n}] = true; return nil }); err != nil {
		return nil, fmt.Errorf("marking %d mails: %w", len(results), err)
	}
	held = make([]bool, len(results))
	for i, m := range mails {
		held[i] = marked[[2]int64{m.No, m.N}]
	}
	return held, nil
}

// ReleaseMail gives back mails that were claimed and not tried.
func (s *Store) ReleaseMail(ctx context.Context, mails []ClaimedMail) error {
	nos, ns, tokens := claims(mails)
	if _, err := s.commands.Exec(ctx, mailRelease, nos, ns, tokens); err != nil {
		return fmt.Errorf("giving back %d mails: %w", len(mails), err)
	}
	return nil
}

// RenewMail prolongs the leases of those mails that are still being sent.
func (s *Store) RenewMail(ctx context.Context, mails []ClaimedMail, lease time.Duration) error {
	nos, ns, tokens := claims(mails)
	if _, err := s.commands.Exec(ctx, mailRenew, nos, ns, tokens, lease); err != nil {
		return fmt.Errorf("prolonging the leases of %d mails: %w", len(mails), err)
	}
	return nil
}

func claims(mails []ClaimedMail) (nos, ns, tokens []int64) {
	for _, m := range mails {
		nos, ns, tokens = append(nos, m.No), append(ns, m.N), append(tokens, m.Token)
	}
	return nos, ns, tokens
}

// MailFilter chooses what MailReport shows; the zero value is everything.
type MailFilter struct {
	To    string
	State string
	Limit int
	After string // ID of the last row of the page before
}

// MailEntry is a line of the mail report. Its subject is made from event, locale
// and params.
type MailEntry struct {
	No        int64
	N         int64
	Event     string
	Recipient string
	Locale    domain.Locale
	Params    domain.MailParams
	State     MailState
	Attempts  int64
	SentAt    *time.Time
	MessageID string
	Doubtful  bool
	Error     string
}

// ID names the mail and is the cursor of the report.
func (r MailEntry) ID() string { return mailID(r.No, r.N) }

// MailReport streams mails in the order of their causes.
func (s *Store) MailReport(ctx context.Context, f MailFilter) iter.Seq2[MailEntry, error] {
	return func(yield func(MailEntry, error) bool) {
		if err := s.eachMail(ctx, f, func(r MailEntry) bool { return yield(r, nil) }); err != nil {
			yield(MailEntry{}, fmt.Errorf("reporting mail: %w", err))
		}
	}
}

func (s *Store) eachMail(ctx context.Context, f MailFilter, show func(MailEntry) bool) error {
	no, n, err := parseMailID(f.After)
	if err != nil {
		return err
	}
	statement, args := mailReport, []any{no, n, nil, f.State}
	if f.Limit > 0 {
		args[2] = f.Limit
	}
	if f.To != "" {
		statement, args = mailReportTo, append(args, f.To)
	}
	rows, err := s.pool.Query(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := pgx.RowToStructByName[MailEntry](rows)
		if err != nil {
			return err
		}
		if !show(row) {
			return nil
		}
	}
	return rows.Err()
}

// parseMailID reads what ID writes; nothing is before the first.
func parseMailID(id string) (no, n int64, err error) {
	if id == "" {
		return 0, 0, nil
	}
	before, after, _ := strings.Cut(id, "-")
	no, errNo := strconv.ParseInt(before, 10, 64)
	n, errN := strconv.ParseInt(after, 10, 64)
	if errNo != nil || errN != nil {
		return 0, 0, fmt.Errorf("%q is not the id of a mail", id)
	}
	return no, n, nil
}
