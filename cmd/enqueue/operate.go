package main

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

type reportOfAccount[R any] func(*store.Store, context.Context, string, store.Page) iter.Seq2[R, error]

type retryCommand struct {
	ID     string `arg:"" help:"Id of the dead command."`
	Source string `name:"source" default:"default" placeholder:"ID" help:"Source of the command (default: default)."`
}

// Run puts a dead command back.
func (c *retryCommand) Run(a *app) error {
	s, err := a.ledger()
	if err != nil {
		return err
	}
	defer s.Close()
	outcome, seq, err := findOutcome(a, s, c.Source, c.ID)
	if err != nil {
		return err
	}
	dead, err := s.Retry(a.ctx, seq)
	if err != nil {
		return err
	}
	if !dead {
		return invalidf("command %s is not dead, it is %s", c.ID, outcome.Status)
	}
	return a.done(map[string]any{"id": c.ID, "source": c.Source, "status": store.Waiting}, "%s is put back and will be decided again", c.ID)
}

type mailCommand struct {
	Resend  resendCommand  `cmd:"" help:"Have a mail sent again."`
	Release releaseCommand `cmd:"" help:"After a restore: let go the mail that is held, marked as in doubt."`
}

type resendCommand struct {
	ID string `arg:"" help:"Id of the mail, as in the report."`
	To string `name:"to" placeholder:"ADDRESS" help:"Another recipient."`
}

// Run has a mail sent again.
func (c *resendCommand) Run(a *app) error {
	if c.To != "" {
		if wrong := domain.Email(c.To).Check(); wrong != "" {
			return invalidf("to: %s", wrong)
		}
	}
	s, err := a.ledger()
	if err != nil {
		return err
	}
	defer s.Close()
	before, err := s.ResendMail(a.ctx, c.ID, c.To)
	switch {
	case err != nil:
		return err
	case before == "":
		return invalidf("no mail %s", c.ID)
	case before == store.MailSending:
		return invalidf("mail %s is being sent right now; try again when that has ended", c.ID)
	}
	return a.done(map[string]any{"id": c.ID, "was": before, "state": store.MailPending}, "mail %s was %s and is pending again", c.ID, before)
}

type clockCommand struct {
	Show showClock `cmd:"" help:"Show business time."`
}

type showClock struct{}

type clockNow struct {
	Now  store.Instant `json:"now"`
	Test bool          `json:"test"`
}

// Run shows business time and whether it stands still.
func (c *showClock) Run(a *app) error {
	s, err := a.ledger()
	if err != nil {
		return err
	}
	defer s.Close()
	now, test, err := s.Clock(a.ctx)
	if err != nil {
		return err
	}
	if a.json {
		return written(newEncoder(a.out).Encode(clockNow{Now: store.Instant{Time: now}, Test: test}))
	}
	clock := "real"
	if test {
		clock = "test"
	}
	_, err = fmt.Fprintf(a.out, "%s %s\n", now.Format(time.RFC3339Nano), clock)
	return written(err)
}
