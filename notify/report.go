package notify

import (
	"context"
	"iter"

	"github.com/licenseledger/licenseledger/internal/store"
)

// MailRow is a mail as the report shows it.
type MailRow struct {
	ID        string          `json:"id"`
	Event     string          `json:"event"`
	To        string          `json:"to"`
	Subject   string          `json:"subject"`
	State     store.MailState `json:"state"`
	Attempts  int64           `json:"attempts"`
	SentAt    store.Instant   `json:"sent_at"`
	MessageID *string         `json:"message_id"`
}

// Cursor names the row.
func (r MailRow) Cursor() string { return r.ID }

// MailReport shows mails, the oldest first.
func MailReport(ctx context.Context, s *store.Store, f store.MailFilter) iter.Seq2[MailRow, error] {
	return func(yield func(MailRow, error) bool) {
		for m, err := range s.MailReport(ctx, f) {
			if !yield(newMailRow(m), err) {
				return
			}
		}
	}
}

func newMailRow(m store.MailEntry) MailRow {
	row := MailRow{ID: m.ID(), Event: m.Event, To: m.Recipient, Subject: m.Event, State: m.State, Attempts: m.Attempts}
	if subject, err := Subject(m.Event, m.Locale, m.Params); err == nil {
		row.Subject = subject
	}
	if m.SentAt != nil {
		row.SentAt = store.Instant{Time: *m.SentAt}
	}
	if m.MessageID != "" {
		row.MessageID = &m.MessageID
	}
	return row
}
