// Package events tells what happened in the ledger, as CloudEvents 1.0.
//
// Events are made when they are read, out of the journal, its outcomes and the
// mails that tell of invoices: they commit with their cause because they are
// its record, and writing a command costs nothing more for them. types.go is
// the table of what there is; docs/events.md is made from it.
package events

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/licenseledger/licenseledger/internal/store"
)

// Event is one event in the structured JSON format of CloudEvents.
type Event struct {
	SpecVersion     string          `json:"specversion"`
	ID              string          `json:"id"` // also the cursor behind it
	Source          string          `json:"source"`
	Type            string          `json:"type"`
	Subject         string          `json:"subject"`
	Time            string          `json:"time"` // RFC 3339, when it took effect
	DataContentType string          `json:"datacontenttype"`
	Data            json.RawMessage `json:"data"`

	cursor store.EventCursor
}

// Cursor is the place behind the event.
func (e Event) Cursor() store.EventCursor { return e.cursor }

// ContentType of an event as it is sent.
const ContentType = "application/cloudevents+json"

// Filter chooses events; a zero field does not restrict.
type Filter struct {
	Types  []string
	Within string // the root of a subtree: what histories of this account and those below it show
}

// Feed reads events. It may be shared.
type Feed struct {
	store  *store.Store
	source func(context.Context) (string, error)
}

// NewFeed reads the events of a ledger.
func NewFeed(s *store.Store) *Feed {
	var mu sync.Mutex
	var known string
	return &Feed{store: s, source: func(ctx context.Context) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		if known == "" {
			id, err := s.LedgerID(ctx)
			if err != nil {
				return "", err
			}
			known = "urn:uuid:" + id
		}
		return known, nil
	}}
}

// Events returns up to limit events behind a cursor, in the order of the ledger,
// and the cursor to go on from. No event ever appears before a cursor that was
// given out. There may be no events and yet a new cursor, where a filter left
// everything out: call again at once. If the cursor is the same there is nothing
// new; call again after a while.
func (f *Feed) Events(ctx context.Context, after store.EventCursor, limit int, filter Filter) ([]Event, store.EventCursor, error) {
	source, err := f.source(ctx)
	if err != nil {
		return nil, after, err
	}
	found, through, err := f.store.Happenings(ctx, after, limit, filter.sources())
	if err != nil || through < after.No {
		return nil, after, err
	}
	var events []Event
	for _, h := range found {
		made, err := makeEvents(h)
		if err != nil {
			return nil, after, fmt.Errorf("event %d: %w", h.No, err)
		}
		for _, e := range made {
			if e.cursor.Compare(after) <= 0 || !filter.wants(e.Type) {
				continue
			}
			if len(events) == limit {
				return events, events[limit-1].cursor, nil
			}
			e.Source = source
			events = append(events, e)
		}
	}
	return events, store.EventCursor{No: through + 1}, nil
}

// Now is the cursor behind everything that has happened.
func (f *Feed) Now(ctx context.Context) (store.EventCursor, error) {
	no, err := f.store.SettledNumber(ctx, 0)
	return store.EventCursor{No: no + 1}, err
}

func (f Filter) wants(name string) bool { return len(f.Types) == 0 || slices.Contains(f.Types, name) }

// sources are what events of the types are made of.
func (f Filter) sources() store.HappeningsFilter {
	from := store.HappeningsFilter{Kinds: []string{}, Mails: []string{}, Within: f.Within}
	for _, t := range Types {
		if !f.wants(t.Name) {
			continue
		}
		from.Kinds = append(from.Kinds, t.kinds...)
		if t.mail {
			from.Mails = append(from.Mails, t.Name)
		}
		from.Rejected = from.Rejected || t.Name == CommandRejected
	}
	return from
}

func envelope(h store.Happening, n int64, t Type, subject string, data any) (Event, error) {
	encoded, err := json.Marshal(data)
	if err != nil {
		return Event{}, fmt.Errorf("writing %s: %w", t.Name, err)
	}
	cursor := store.EventCursor{No: h.No, N: n}
	return Event{
		SpecVersion: "1.0", ID: cursor.String(), Type: t.Name, Subject: subject, Time: h.At.UTC().Format(time.RFC3339Nano),
		DataContentType: "application/json", Data: encoded, cursor: cursor,
	}, nil
}
