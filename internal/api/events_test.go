package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/api"
	"github.com/licenseledger/licenseledger/internal/events"
	"github.com/licenseledger/licenseledger/internal/store"
)

// happened reads a feed to where nothing is new, in pages.
func (l *ledger) happened(token, path string, limit int) (all []events.Event, next string) {
	l.t.Helper()
	next = fmt.Sprintf("%slimit=%d", path, limit)
	for {
		var page struct {
			Rows []events.Event
			Next string
		}
		l.ask(request{path: next, token: token}).is(l.t, next, http.StatusOK).into(l.t, &page)
		if len(page.Rows) > limit || page.Next == "" {
			l.t.Fatalf("%s: %d events, then %q", next, len(page.Rows), page.Next)
		}
		if next = page.Next; len(page.Rows) == 0 {
			return all, next
		}
		if all = append(all, page.Rows...); len(page.Rows) < limit {
			return all, next
		}
	}
}

func ids(all []events.Event) (ids []string) {
	for _, e := range all {
		ids = append(ids, e.ID+" "+e.Type)
	}
	return ids
}

// The feed over HTTP is the feed, in pages of any size, and goes on when there is more.
func TestEvents(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{}).stories()
	token := l.token(domain.Source{Source: "portal"})
	want, _, err := events.NewFeed(l.store).Events(t.Context(), store.EventCursor{}, 10_000, events.Filter{})
	check(t, err)
	for _, limit := range []int{1, 7, 1000} {
		if got, _ := l.happened(token, "/v1/events?", limit); !slices.Equal(ids(got), ids(want)) || len(got) == 0 {
			t.Errorf("%d at a time: %v, want %v", limit, ids(got), ids(want))
		}
	}
	assigned, _ := l.happened(token, "/v1/events?type=order.assigned&type=order.rejected&", 2)
	if len(assigned) < 2 || slices.ContainsFunc(assigned, func(e events.Event) bool { return e.Type != "order.assigned" && e.Type != "order.rejected" }) {
		t.Error(ids(assigned))
	}

	_, next := l.happened(token, "/v1/events?", 1000)
	l.ask(request{path: "/v1/events?after=end", token: token}).is(t, "the end", http.StatusOK, `"rows":[]`)
	l.ask(request{path: "/v1/events?after=99999-0", token: token}).is(t, "the future", http.StatusUnprocessableEntity, "lies ahead")
	told := make(chan answer, 1)
	go func() {
		a, _ := l.try(request{path: next + "&wait=30s", token: token})
		told <- a
	}()
	l.ask(request{path: "/v1/commands", token: token, body: buy("after", "3")}).is(t, "buy", http.StatusAccepted)
	var page struct{ Rows []events.Event }
	(<-told).is(t, next, http.StatusOK).into(t, &page)
	if len(page.Rows) != 1 || page.Rows[0].Type != "stock.purchased" {
		t.Errorf("%+v", page.Rows)
	}
}

// A source reads the events of what it may send and of the accounts that it is
// limited to.
func TestEventsWithinLimits(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{}).stories()
	for name, c := range map[string]struct {
		source      domain.Source
		reads, lack string
	}{
		"all":     {domain.Source{}, "seller.changed", "nothing"},
		"acme":    {domain.Source{Account: "acme"}, "order.assigned", "stock.purchased"},
		"selling": {domain.Source{Scopes: []domain.Scope{domain.ScopeBusiness}}, "stock.purchased", "account.changed"},
		"naming":  {domain.Source{Scopes: []domain.Scope{domain.ScopeCatalog}}, "account.changed", "stock.purchased"},
		"paying":  {domain.Source{Scopes: []domain.Scope{domain.ScopeBilling}}, "invoice.issued", "stock.purchased"},
	} {
		c.source.Source = name
		all, _ := l.happened(l.token(c.source), "/v1/events?", 1000)
		types := map[string]bool{}
		for _, e := range all {
			types[e.Type] = true
		}
		if !types[c.reads] || types[c.lack] {
			t.Errorf("%s reads %v", name, types)
		}
	}
}

// Who waits for what does not come gets an answer when the time is up, and at
// once when the server ends.
func TestWaitingForEvents(t *testing.T) {
	t.Parallel()
	l := start(t, api.Options{})
	token := l.token(domain.Source{Source: "portal"})
	began := time.Now()
	a := l.ask(request{path: "/v1/events?wait=300ms", token: token}).is(t, "an empty ledger", http.StatusOK, `"rows":[]`)
	if waited := time.Since(began); waited < 300*time.Millisecond || waited > patience {
		t.Errorf("waited %v", waited)
	}
	var page map[string]json.RawMessage
	a.into(t, &page)
	if !strings.Contains(string(page["next"]), "wait=300ms") {
		t.Errorf("%s", page["next"])
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := l.try(request{path: "/v1/events?wait=30s", token: token})
		ended <- err
	}()
	time.Sleep(200 * time.Millisecond)
	check(t, l.stop())
	select {
	case err := <-ended:
		check(t, err)
	case <-ctx.Done():
		t.Error("waits although the server ends")
	}
}
