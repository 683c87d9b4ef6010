package api

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/events"
	"github.com/licenseledger/licenseledger/internal/store"
)

type eventsInput struct {
	After   string   `query:"after" maxLength:"64" doc:"Begin behind this place: the id of an event, or what next has. Without it, at the beginning; end is behind everything that has happened." example:"1042-1"`
	Limit   int      `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"How many events at most."`
	Type    []string `query:"type,explode" maxItems:"100" doc:"Only events of this type; may be given several times." example:"order.assigned"`
	Account string   `query:"account" maxLength:"128" doc:"Only what the histories of this account and those below it show."`
	Wait    string   `query:"wait" pattern:"^[0-9]{1,5}(ms|s)$" doc:"How long to wait if there is nothing new, at most 30s." example:"10s"`
}

type eventPage struct {
	Rows []events.Event `json:"rows" doc:"The events, in their order."`
	Next string         `json:"next" doc:"Where to go on, now or later, from the root of this server, with the same filters. Fewer rows than limit: there are no more yet. To go on after a restart keep this path, or what it has as after, once the rows are dealt with."`
}

type eventsOutput struct{ Body eventPage }

// getEvents shows what happened behind a cursor, or waits for it.
func (a *API) getEvents(ctx context.Context, in *eventsInput) (*eventsOutput, error) {
	filter, err := a.eventFilter(ctx, in)
	if err != nil {
		return nil, err
	}
	after, err := a.place(ctx, in.After)
	if err != nil {
		return nil, err
	}
	wait, err := parseWait(in.Wait)
	if err != nil {
		return nil, err
	}
	found, next, err := a.eventsBehind(ctx, after, in.Limit, filter, time.After(wait))
	if err != nil {
		return nil, err
	}
	return &eventsOutput{Body: eventPage{Rows: append([]events.Event{}, found...), Next: nextPage(callOf(ctx).url, next.String())}}, nil
}

// place reads a cursor. One that lies ahead is of another ledger, or of what a
// restore has undone: who waits there would wait in vain.
func (a *API) place(ctx context.Context, text string) (store.EventCursor, error) {
	after, err := store.ParseEventCursor(text)
	if err != nil && text != "end" {
		return after, invalidField("query.after", "is the id of no event")
	}
	if text == "end" {
		return a.feed.Now(ctx)
	}
	newest, err := a.store.NewestNumber(ctx)
	if err == nil && after.No > newest+1 {
		err = invalidField("query.after", fmt.Sprintf("lies ahead of all events, of which the last is %d", newest))
	}
	return after, err
}

// eventsBehind fills a page; if there is nothing it waits until there is, or time is up.
func (a *API) eventsBehind(ctx context.Context, after store.EventCursor, limit int, filter events.Filter, until <-chan time.Time) ([]events.Event, store.EventCursor, error) {
	const between = 250 * time.Millisecond // looks
	var page []events.Event
	for {
		found, next, err := a.feed.Events(ctx, after, limit-len(page), filter)
		if err != nil {
			return nil, after, err
		}
		page = append(page, found...)
		moved := next != after
		after = next
		switch {
		case len(page) == limit || !moved && len(page) > 0:
			return page, after, nil
		case moved: // a filter left something out
		case !a.outcomes.pause(ctx, between, until):
			return nil, after, nil
		}
	}
}

// eventFilter is what was asked for, within what the source may read: types of
// its scopes, and the accounts that it is limited to.
func (a *API) eventFilter(ctx context.Context, in *eventsInput) (events.Filter, error) {
	source := callOf(ctx).holder.Source
	filter := events.Filter{Types: in.Type, Within: in.Account}
	if in.Account != "" && domain.AccountID(in.Account).Check() != "" {
		return filter, invalidField("query.account", domain.AccountID(in.Account).Check())
	}
	for _, name := range in.Type {
		t, known := events.TypeNamed(name)
		if !known {
			return filter, invalidField("query.type", fmt.Sprintf("there are no events %q", name))
		}
		if !mayReadEvents(source, t) {
			return filter, outOfScope("%s needs the scope %s, which source %s lacks", name, t.Scope(), source.Source)
		}
	}
	if filter.Within == "" {
		filter.Within = string(source.Account)
	} else if err := a.covers(ctx, source, about{account: domain.AccountID(in.Account)}); err != nil {
		return filter, err
	}
	if len(filter.Types) == 0 && len(source.Scopes) > 0 {
		for _, t := range events.Types {
			if mayReadEvents(source, t) {
				filter.Types = append(filter.Types, t.Name)
			}
		}
	}
	return filter, nil
}

func mayReadEvents(source domain.Source, t events.Type) bool {
	return len(source.Scopes) == 0 || slices.Contains(source.Scopes, t.Scope())
}

// eventSchemas are the schemas of all types of events, and that of any of them.
func eventSchemas() map[string]*huma.Schema {
	schemas := map[string]*huma.Schema{}
	every := &huma.Schema{
		Description:   "What happened, as CloudEvents 1.0 in the structured JSON format. More types may come: ignore those that you do not know.",
		Discriminator: &huma.Discriminator{PropertyName: "type", Mapping: map[string]string{}},
	}
	for _, t := range events.Types {
		name := "Event." + t.Name
		schemas[name] = &huma.Schema{Extensions: t.Schema()}
		every.OneOf = append(every.OneOf, &huma.Schema{Ref: componentsPath + name})
		every.Discriminator.Mapping[t.Name] = componentsPath + name
	}
	schemas["Event"] = every
	return schemas
}

// anyEvent stands for what eventSchemas describes.
type anyEvent struct{}

// Schema refers to it.
func (anyEvent) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Ref: componentsPath + "Event"}
}
