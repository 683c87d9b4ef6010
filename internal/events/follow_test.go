package events_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/events"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

// Followers that poll while commands run see every event exactly once, in the
// order of the ledger, whatever their pages and filters; and so each account's
// events stand in the order of its history.
func TestFollowersMissNothingAndRepeatNothing(t *testing.T) {
	t.Parallel()
	l := start(t)
	l.run(storiesBegin)
	l.file("catalog")
	l.run(solo...)
	// Transactions that took their numbers commit sooner or later.
	_, err := l.pool.Exec(t.Context(), `
		CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(random() * 0.03); RETURN NULL; END';
		CREATE TRIGGER dawdle AFTER INSERT ON outcomes FOR EACH STATEMENT EXECUTE FUNCTION dawdle()`)
	check(t, err)
	from, err := l.feed.Now(t.Context())
	check(t, err)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)

	followers := []*follower{
		{filter: events.Filter{}},
		{filter: events.Filter{}},
		{filter: events.Filter{Types: []string{"stock.transferred", events.CommandRejected}}},
		{filter: events.Filter{Within: "northwind"}},
	}
	done := make(chan struct{})
	var reading sync.WaitGroup
	for i, f := range followers {
		f.ledger, f.random = l, rand.New(rand.NewPCG(seed, uint64(i)))
		f.feed = events.NewFeed(l.store)
		reading.Go(func() { f.follow(from, done) })
	}
	const clients, rounds, each = 4, 6, 25
	var sending sync.WaitGroup
	for c := range clients {
		sending.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(100+c)))
			for r := range rounds {
				commands := make([]jobs.Command, each)
				for i := range commands {
					commands[i] = someCommand(random, fmt.Sprintf("c%d-%d-%d", c, r, i))
				}
				_, err := l.client.Do(t.Context(), commands, jobs.Run{Wait: true, Timeout: time.Minute})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	sending.Wait()
	close(done)
	reading.Wait()

	const told = `SELECT c.id FROM outcomes AS o JOIN commands AS c USING (seq) WHERE o.no >= $1 AND `
	for i, where := range []string{
		`true`, `true`, `(c.kind = 'stock.transfer' OR o.status = 'rejected')`,
		`o.no IN (SELECT no FROM history WHERE account IN (SELECT account FROM accounts WHERE account IN ('northwind', 'fjord') OR parent IN ('northwind', 'fjord')))`,
	} {
		if diff := cmp.Diff(l.texts(told+where+" ORDER BY o.no", from.No), followers[i].seen); diff != "" {
			t.Errorf("follower %d (-ledger +seen):\n%s", i, diff)
		}
	}
	if n := len(followers[0].seen); n != clients*rounds*each {
		t.Errorf("%d events", n)
	}
}

// solo is a reseller that has nothing to do with the others, so that its
// commands run beside theirs.
var solo = []string{
	`{"id":"solo-1","kind":"account.put","body":{"id":"solo","kind":"reseller","name":"Solo","address":{"line1":"1 Quay","city":"Galway","postal_code":"H91","country":"IE"}}}`,
	`{"id":"solo-2","kind":"user.put","body":{"id":"sol@solo.example","account":"solo","name":"Sol","roles":["manager"]}}`,
	`{"id":"solo-3","kind":"contract.put","body":{"id":"C-SOLO","seller":"lumen","reseller":"solo","starts_on":"2026-01-01","currency":"EUR","time_zone":"Europe/Dublin","finance_emails":["f@solo.example"],"create_permission":["sol@solo.example"],"products":[{"product":"pro","prices":{"term":"120.00"}}]}}`,
}

// someCommand changes one of a few accounts, or is refused.
func someCommand(random *rand.Rand, id string) jobs.Command {
	const ada = "ada@northwind.example"
	quantity := domain.Quantity(random.IntN(3) + 1)
	switch random.IntN(8) {
	case 0:
		return jobs.New(id, ada, domain.TransferStock{From: "northwind", To: "acme", Product: "pro", Quantity: quantity})
	case 1:
		return jobs.New(id, ada, domain.TransferStock{From: "northwind", To: "nobody", Product: "pro", Quantity: quantity})
	case 2:
		return jobs.New(id, "", domain.PutLearner{ID: domain.LearnerID(id), Account: "acme", Name: "Somebody", Status: "active"})
	}
	if random.IntN(2) == 0 {
		return jobs.New(id, "sol@solo.example", domain.PurchaseStock{Contract: "C-SOLO", Account: "solo", Product: "pro", Quantity: quantity})
	}
	return jobs.New(id, ada, domain.PurchaseStock{Contract: "C-NORTH", Account: "northwind", Product: "pro", Quantity: quantity})
}

type follower struct {
	*ledger
	feed   *events.Feed
	filter events.Filter
	random *rand.Rand
	seen   []string // ids of commands
}

// follow reads until the end that there is once done is closed.
func (f *follower) follow(after store.EventCursor, done chan struct{}) {
	for last := false; ; {
		page, next, err := f.feed.Events(f.t.Context(), after, f.random.IntN(20)+1, f.filter)
		if err != nil {
			f.t.Error(err)
			return
		}
		for _, e := range page {
			var data struct{ Command string }
			if err := json.Unmarshal(e.Data, &data); err != nil {
				f.t.Error(err)
			}
			f.seen = append(f.seen, data.Command)
		}
		if next != after {
			after = next
			if f.random.IntN(4) > 0 {
				continue
			}
			after, err = store.ParseEventCursor(after.String()) // as one that begins anew
			check(f.t, err)
			continue
		}
		if last {
			return
		}
		select {
		case <-done:
			last = true
		case <-time.After(time.Duration(f.random.IntN(5)) * time.Millisecond):
		}
	}
}

func (l *ledger) texts(sql string, args ...any) []string {
	l.t.Helper()
	rows, err := l.pool.Query(l.t.Context(), sql, args...)
	check(l.t, err)
	var found []string
	var text string
	for rows.Next() {
		check(l.t, rows.Scan(&text))
		found = append(found, text)
	}
	check(l.t, rows.Err())
	return slices.Clip(found)
}
