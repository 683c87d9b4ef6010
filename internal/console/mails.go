package console

import (
	"context"
	"errors"
	"net/http"

	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/notify"
)

// mails are the newest, those to one address, or those that wait.
func (c *console) mails(ctx context.Context, r *http.Request) (*page, error) {
	q := r.URL.Query()
	show, to, from := q.Get("show"), q.Get("to"), q.Get("from")
	p := &page{Title: "Mail", Nav: "mails"}
	p.Tabs = []tab{{"Latest", at("mails"), show == "" && to == ""}, {"Waiting", at("mails", "show", "waiting"), show == "waiting"}}
	var rows []store.MailRow
	var err error
	s := section{ID: "list", Title: "The newest first"}
	empty := "No mail has been written yet."
	switch {
	case show == "waiting":
		s.Title, empty, p.Refresh = "What waits, what is next first", "No mail waits.", at("mails", "show", "waiting")
		rows, err = c.ledger.WaitingMail(ctx, from, pageRows+1)
	case show != "":
		return nil, errInput
	default:
		rows, err = c.ledger.LatestMail(ctx, to, from, pageRows+1)
	}
	if err != nil {
		return nil, err
	}
	if to != "" {
		p.Tabs = append(p.Tabs, tab{"To " + to, at("mails", "to", to), true})
		empty = "No mail was written to this address."
	}
	s.Table = mailTable(rows[:min(pageRows, len(rows))])
	s.Table.Empty = empty
	if len(rows) > pageRows {
		s.Table.More = &cell{Text: "Next page", Href: at("mails", "show", show, "to", to, "from", rows[pageRows-1].ID())}
	}
	if from != "" {
		s.Table.First = at("mails", "show", show, "to", to)
	}
	p.Sections = []section{s}
	return p, nil
}

func mailTable(rows []store.MailRow) *table {
	t := &table{Head: []column{{Label: "Mail"}, {Label: "State"}, {Label: "Subject"}, {Label: "To"}, {Label: "Event"}, {Label: "Written"}, {Label: "Sent"}}}
	for _, m := range rows {
		status := state(string(m.State))
		if m.Attempts > 1 {
			status.Sub = counted(m.Attempts, "attempt")
		}
		t.Rows = append(t.Rows, []cell{id(m.ID()).to(at("mail", "id", m.ID())), status, text(subject(m)), id(m.Recipient).to(at("mails", "to", m.Recipient)), id(m.Event), instant(m.CreatedAt), instant(m.SentAt)})
	}
	return t
}

// subject is empty for an event that only a newer program has words for.
func subject(m store.MailRow) string {
	line, err := notify.Subject(m.Event, m.Locale, m.Params)
	if err != nil {
		return ""
	}
	return line
}

// mailsOf are the mails that a command caused.
func (c *console) mailsOf(ctx context.Context, no int64) ([]store.MailRow, error) {
	if no == 0 {
		return nil, nil
	}
	return c.ledger.MailOf(ctx, no, pageRows)
}

// mail is one mail and what became of it.
func (c *console) mail(ctx context.Context, r *http.Request) (*page, error) {
	m, err := c.ledger.Mail(ctx, r.URL.Query().Get("id"))
	if err != nil {
		return nil, err
	}
	p := &page{Title: m.ID(), Kicker: "Mail", Nav: "mails", Badge: string(m.State), Lead: subject(m), Crumbs: []cell{text("Mail").to(at("mails"))}}
	switch m.State {
	case store.MailFailed:
		p.Notices = append(p.Notices, notice{Tone: "warn", Text: "It was refused for good. When the address is right, have it sent again, to another one with --to:", Shell: "enqueue mail resend " + m.ID()})
	case store.MailInDoubt:
		p.Notices = append(p.Notices, notice{Tone: "warn", Text: "The connection ended before the server said whether it took it. It is sent again, with the same Message-ID, and may arrive twice."})
	case store.MailPending, store.MailSending:
		p.Refresh = at("mail", "id", m.ID())
	}
	cause := text("what happens by itself")
	if life, err := c.ledger.CommandOf(ctx, m.No); err == nil {
		cause = command(life.Source, life.ID)
	} else if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	facts := []fact{
		{"To", []cell{id(m.Recipient).to(at("mails", "to", m.Recipient))}},
		{"About", []cell{account(m.Account)}},
		{"Event", []cell{id(m.Event)}},
		{"Caused by", []cell{cause}},
		{"Written", []cell{instant(m.CreatedAt)}},
		{"Attempts", []cell{number(m.Attempts)}},
	}
	if m.SentAt.IsZero() && m.State != store.MailFailed {
		facts = append(facts, fact{"Next attempt", []cell{instant(m.NextAt)}})
	}
	for _, f := range []fact{{"Sent", []cell{instant(m.SentAt)}}, {"Message-ID", []cell{id(m.MessageID)}}, {"Last error", []cell{text(m.Error)}}} {
		if f.Cells[0].Text != "" {
			facts = append(facts, f)
		}
	}
	if m.Doubtful {
		facts = append(facts, fact{"In doubt", []cell{text("it may have arrived more than once")}})
	}
	p.Sections = []section{{ID: "facts", Title: "What became of it", Facts: facts}}
	return p, nil
}
