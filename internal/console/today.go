package console

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/licenseledger/licenseledger/internal/store"
)

const (
	glance        = 5      // rows of a section that has a page of its own
	pageRows      = 50     // rows of a page
	latestCounted = 1000   // commands and mails by state
	waitingMost   = 10_000 // waiting mails that are counted
)

// today is everything at a glance. Each part is read for itself: what takes too
// long is left out and said to be.
func (c *console) today(ctx context.Context, _ *http.Request) (*page, error) {
	p := &page{Title: "Today", Nav: "today", Refresh: Home}
	now, test, err := c.ledger.Clock(ctx)
	if err != nil {
		return nil, err
	}
	p.Lead = "Business time is " + instant(store.Instant{Time: now}).Text + " UTC"
	if test {
		p.Lead += ", and stands still (test clock)"
	}
	p.Lead += "."
	if c.RedisTrouble != nil {
		if trouble := c.RedisTrouble(); trouble != "" {
			p.Notices = append(p.Notices, notice{Tone: "warn", Text: trouble + "."})
		}
	}
	parts := []struct {
		name string
		read func(context.Context, *page) error
	}{
		{"what waits", c.todayBacklog},
		{"mails by state", c.todayCounts},
		{"dead commands", c.todayDead},
		{"the schedule", c.todaySchedule},
		{"the latest commands", c.todayLatest},
	}
	for _, part := range parts {
		ctx, cancel := context.WithTimeout(ctx, pageTime/time.Duration(len(parts)))
		err := part.read(ctx, p)
		cancel()
		if err != nil {
			c.Log.Warn("a part of the console's first page is missing", "part", part.name, "error", err)
			p.Notices = append(p.Notices, notice{Tone: "warn", Text: "Reading " + part.name + " took too long or failed, so it is missing here."})
		}
	}
	c.check.show(p)
	return p, nil
}

func (c *console) todayBacklog(ctx context.Context, p *page) error {
	backlog, err := c.ledger.Backlog(ctx)
	if err != nil {
		return err
	}
	oldest := figure{Label: "Oldest waiting", Value: "none", Href: at("commands", "show", "waiting")}
	if backlog.Waiting > 0 {
		oldest.Value, oldest.Sub = age(backlog.OldestSeconds), "since it was last due"
		if backlog.OldestSeconds > 60 {
			oldest.Tone = "warn"
		}
	}
	dead := figure{Label: "Dead commands", Value: grouped(backlog.Dead), Href: at("commands", "show", "dead"), Tone: "good"}
	if backlog.Dead > 0 {
		dead.Tone, dead.Sub = "bad", "need you"
	}
	p.Figures = append(p.Figures, figure{Label: "Commands waiting", Value: grouped(backlog.Waiting), Href: at("commands", "show", "waiting")}, oldest, dead)
	return nil
}

// age is a duration in the two units that matter.
func age(seconds float64) string {
	d := time.Duration(max(0, seconds) * float64(time.Second)).Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d d %d h", int(d.Hours())/24, int(d.Hours())%24)
}

var (
	mailStates    = []string{"pending", "sending", "in_doubt", "failed", "sent"}
	commandStates = []string{"applied", "rejected", "waiting", "dead"}
)

func (c *console) todayCounts(ctx context.Context, p *page) error {
	counts, err := c.ledger.Counts(ctx, waitingMost, latestCounted)
	if err != nil {
		return err
	}
	waiting := int64(0)
	for _, n := range counts.WaitingMail {
		waiting += n
	}
	mail := figure{Label: "Mail waiting", Value: grouped(waiting), Href: at("mails", "show", "waiting")}
	if waiting >= waitingMost {
		mail.Value += " or more"
	}
	if doubt := counts.WaitingMail["in_doubt"]; doubt > 0 {
		mail.Sub, mail.Tone = grouped(doubt)+" in doubt", "warn"
	}
	p.Figures = append(p.Figures, mail)
	if failed := counts.Mail["failed"]; failed > 0 {
		p.Figures = append(p.Figures, figure{Label: "Mail failed", Value: grouped(failed), Sub: "of the latest 1000", Tone: "warn", Href: at("mails")})
	}
	s := section{ID: "states", Title: "The latest, by state", Note: "Of the latest 1000 of each; mails that wait are counted to the last."}
	for i, latest := range []map[string]int64{counts.Commands, counts.Mail} {
		f := fact{Label: [...]string{"Commands", "Mails"}[i]}
		for _, name := range [...][]string{commandStates, mailStates}[i] {
			n := latest[name]
			if _, waits := counts.WaitingMail[name]; waits && i == 1 {
				n = counts.WaitingMail[name]
			}
			if n > 0 {
				f.Cells = append(f.Cells, state(name).and(grouped(n)))
			}
		}
		if len(f.Cells) == 0 {
			f.Cells = []cell{text("none yet")}
		}
		s.Facts = append(s.Facts, f)
	}
	p.Sections = append(p.Sections, s)
	return nil
}

func (c *console) todayDead(ctx context.Context, p *page) error {
	rows, err := c.ledger.PendingCommands(ctx, true, 0, glance+1)
	if err != nil || len(rows) == 0 {
		return err
	}
	t := commandTable(rows[:min(glance, len(rows))])
	if len(rows) > glance {
		t.More = &cell{Text: "All dead commands", Href: at("commands", "show", "dead")}
	}
	dead := section{ID: "dead", Title: "Dead commands", Note: "Given up for a technical failure, after several attempts. Each waits for you: put right what failed, then retry it.", Table: t}
	p.Sections = append([]section{dead}, p.Sections...)
	return nil
}

func (c *console) todaySchedule(ctx context.Context, p *page) error {
	rows, err := c.ledger.NextOnSchedule(ctx, glance+1)
	if err != nil {
		return err
	}
	t := &table{Head: []column{{Label: "What"}, {Label: "State"}, {Label: "Due"}, {Label: "Contract"}, {Label: "Month"}, {Label: "Detail"}}, Empty: "Nothing is due, now or later."}
	for _, r := range rows {
		name, detail := "", ""
		if r.Contract != nil {
			name = *r.Contract
		}
		if r.Detail != nil {
			detail = *r.Detail
		}
		t.Rows = append(t.Rows, []cell{id(r.Name), state(r.State), instant(r.DueAt), contract(name), optional(r.Period), text(detail)})
	}
	p.Sections = append(p.Sections, section{ID: "schedule", Title: "Next on the schedule", Table: t})
	return nil
}

func (c *console) todayLatest(ctx context.Context, p *page) error {
	rows, err := c.ledger.LatestCommands(ctx, 0, glance)
	if err != nil {
		return err
	}
	t := commandTable(rows)
	t.More = &cell{Text: "All commands", Href: at("commands")}
	p.Sections = append(p.Sections, section{ID: "latest", Title: "Latest commands", Table: t})
	return nil
}

// place reads a number from the query.
func place(r *http.Request, name string) (int64, error) {
	given := r.URL.Query().Get(name)
	if given == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(given, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s %w", name, errInput)
	}
	return n, nil
}
