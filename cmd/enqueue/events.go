package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/licenseledger/licenseledger/internal/events"
	"github.com/licenseledger/licenseledger/internal/store"
)

// eventsCommand shows what happened.
type eventsCommand struct {
	eventFlags
	After  place `name:"after" placeholder:"CURSOR" help:"Begin behind this event: its id, or what was printed after \"next:\"."`
	Limit  *int  `name:"limit" placeholder:"N" help:"Events at most; without it all there are."`
	Follow bool  `name:"follow" help:"Go on with what happens from now on."`
}

// AfterApply checks the flags.
func (c *eventsCommand) AfterApply() error {
	if c.Limit != nil && *c.Limit < 1 {
		return errors.New("--limit: must be 1 or more")
	}
	return c.eventFlags.AfterApply()
}

const (
	eventPage   = 500
	eventsRest  = 500 * time.Millisecond // between two looks when nothing is new
	eventsWidth = "%-12s  %-20s  %-22s  %s\n"
)

// Run prints events as they are read: JSON, one a line, or a line for people.
func (c *eventsCommand) Run(a *app) error {
	s, err := a.ledger()
	if err != nil {
		return err
	}
	defer s.Close()
	feed, out := events.NewFeed(s), bufio.NewWriter(a.out)
	cursor, printed := store.EventCursor(c.After), 0
	for {
		limit := eventPage
		if c.Limit != nil {
			limit = min(limit, *c.Limit-printed)
		}
		page, next, err := feed.Events(a.ctx, cursor, limit, c.filter())
		if err != nil {
			return err
		}
		for _, e := range page {
			if err := a.printEvent(out, e); err != nil {
				return err
			}
		}
		if err := written(out.Flush()); err != nil {
			return err
		}
		printed += len(page)
		ended := next == cursor
		cursor = next
		if c.Limit != nil && printed == *c.Limit || ended && !c.Follow {
			a.note("next: --after %s", cursor)
			return nil
		}
		if ended {
			select {
			case <-a.ctx.Done():
				return nil // that is how following ends
			case <-time.After(eventsRest):
			}
		}
	}
}

func (a *app) printEvent(out io.Writer, e events.Event) error {
	if a.json {
		return written(newEncoder(out).Encode(e))
	}
	_, err := fmt.Fprintf(out, eventsWidth, e.ID, e.Time, e.Type, e.Subject)
	return written(err)
}
