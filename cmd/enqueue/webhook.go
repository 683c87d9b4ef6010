package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/events"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/webhook"
)

// webhookCommand administers the places to which events are sent.
type webhookCommand struct {
	Add    addWebhook    `cmd:"" help:"Send events to an address from now on."`
	List   listWebhooks  `cmd:"" help:"List the webhooks: how far each is, and what went wrong."`
	Pause  pauseWebhook  `cmd:"" help:"Send nothing until it is resumed."`
	Resume resumeWebhook `cmd:"" help:"Go on where it stands, also when it is dead."`
	Replay replayWebhook `cmd:"" help:"Send again from a cursor on, or leave out what is before it."`
	Remove removeWebhook `cmd:"" help:"Forget a webhook."`
}

// eventFlags choose events.
type eventFlags struct {
	Type    []string `name:"type" placeholder:"TYPE" help:"Only events of this type; repeat the flag for several."`
	Account string   `name:"account" placeholder:"ACCOUNT" help:"Only what the histories of this account and those below it show."`
}

// AfterApply checks the flags.
func (f eventFlags) AfterApply() error {
	for _, name := range f.Type {
		if _, known := events.TypeNamed(name); !known {
			return fmt.Errorf("--type: there are no events %q; the types are %s", name, strings.Join(events.TypeNames(), ", "))
		}
	}
	if account := domain.AccountID(f.Account); account != "" && account.Check() != "" {
		return fmt.Errorf("--account: %s", account.Check())
	}
	return nil
}

func (f eventFlags) filter() events.Filter { return events.Filter{Types: f.Type, Within: f.Account} }

// place is a cursor as a flag.
type place store.EventCursor

// UnmarshalText reads a cursor.
func (p *place) UnmarshalText(text []byte) error {
	cursor, err := store.ParseEventCursor(string(text))
	*p = place(cursor)
	return err
}

type addWebhook struct {
	URL string `arg:"" name:"url" help:"Address: https://, or http:// on this machine."`
	eventFlags
	From *place `name:"from" placeholder:"CURSOR" help:"Begin behind this event instead of now; 0-0 is the beginning."`
}

// Run adds a webhook.
func (c *addWebhook) Run(a *app) error {
	if wrong := webhook.CheckURL(c.URL); wrong != "" {
		return invalidf("url: %s", wrong)
	}
	return a.hooks(func(s *store.Store) error {
		hook := store.Webhook{URL: c.URL, Types: c.Type, Account: c.Account}
		var err error
		if c.From != nil {
			hook.From = store.EventCursor(*c.From)
		} else if hook.From, err = events.NewFeed(s).Now(a.ctx); err != nil {
			return err
		}
		id, secret, err := s.AddWebhook(a.ctx, hook)
		if err != nil {
			return err
		}
		a.note("webhook %s; its secret is not shown again:", id)
		if a.json {
			return written(newEncoder(a.out).Encode(map[string]string{"webhook": id, "secret": webhook.FormatSecret(secret)}))
		}
		_, err = fmt.Fprintln(a.out, webhook.FormatSecret(secret))
		return written(err)
	})
}

type listWebhooks struct{}

// Run lists the webhooks.
func (c *listWebhooks) Run(a *app) error {
	return a.hooks(func(s *store.Store) error {
		rows, err := s.Webhooks(a.ctx)
		if err != nil {
			return err
		}
		if a.json || terminal(a.out) == 0 {
			return written(newEncoder(a.out).Encode(rows))
		}
		newTable[store.WebhookRow](a.out, terminal(a.out)).print(rows)
		return nil
	})
}

type namedWebhook struct {
	Webhook string `arg:"" help:"Id of the webhook."`
}

type (
	pauseWebhook  struct{ namedWebhook }
	resumeWebhook struct{ namedWebhook }
	removeWebhook struct{ namedWebhook }
	replayWebhook struct {
		namedWebhook
		From place `name:"from" required:"" placeholder:"CURSOR" help:"Go on behind this event; 0-0 is the beginning."`
	}
)

// Run pauses a webhook.
func (c *pauseWebhook) Run(a *app) error {
	return a.change(c.Webhook, "paused", func(s *store.Store) error { return s.PauseWebhook(a.ctx, c.Webhook) })
}

// Run resumes a webhook.
func (c *resumeWebhook) Run(a *app) error {
	return a.change(c.Webhook, "resumed", func(s *store.Store) error { return s.ResumeWebhook(a.ctx, c.Webhook) })
}

// Run removes a webhook.
func (c *removeWebhook) Run(a *app) error {
	return a.change(c.Webhook, "removed", func(s *store.Store) error { return s.RemoveWebhook(a.ctx, c.Webhook) })
}

// Run moves the cursor of a webhook.
func (c *replayWebhook) Run(a *app) error {
	return a.change(c.Webhook, fmt.Sprint("moved behind ", store.EventCursor(c.From)), func(s *store.Store) error {
		return s.ReplayWebhook(a.ctx, c.Webhook, store.EventCursor(c.From))
	})
}

// change changes a webhook, and says so.
func (a *app) change(webhook, done string, do func(*store.Store) error) error {
	if err := a.hooks(do); err != nil {
		return err
	}
	return a.done(map[string]any{"webhook": webhook, "now": done}, "webhook %s is %s", webhook, done)
}

// hooks runs on the ledger; a webhook that is not there is wrong usage.
func (a *app) hooks(do func(*store.Store) error) error {
	err := a.administer(do)
	if errors.Is(err, store.ErrWebhookUnknown) {
		return invalid{err}
	}
	return err
}
