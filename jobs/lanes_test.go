package jobs_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

// A second reseller at the top, so that business goes along both lanes.
const solo = `{"id":"solo-1","kind":"account.put","body":{"id":"solo","kind":"reseller","name":"Solo","address":{"line1":"1 Way","city":"Dublin","postal_code":"D01","country":"IE"}}}
{"id":"solo-2","kind":"user.put","body":{"id":"sam@solo.example","account":"solo","name":"Sam","roles":["manager"]}}
{"id":"solo-3","kind":"contract.put","body":{"id":"C-SOLO","seller":"lumen","reseller":"solo","starts_on":"2026-01-01","currency":"EUR","time_zone":"Europe/Dublin","finance_emails":["f@solo.example"],"create_permission":["sam@solo.example"],"products":[{"product":"pro","prices":{"term":"120"}}]}}`

func newRigOfTwo(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog()
	for line := range strings.SplitSeq(solo, "\n") {
		r.run([]jobs.Command{parse(t, line)})
	}
	return r
}

const bySam = "sam@solo.example"

func soloCustomer(t *testing.T, n int) jobs.Command {
	t.Helper()
	return parse(t, fmt.Sprintf(`{"id":"solo-customer-%[1]d","kind":"account.put","body":{"id":"below-solo-%[1]d","kind":"customer","parent":"solo","name":"Below","package":"professional","address":{"line1":"1 Way","city":"Dublin","postal_code":"D01","country":"IE"}}}`, n))
}

// Nobody has asked for an order, and still: what one reseller and those below it
// send together is decided as sent, and so is the catalog between.
func TestLanesKeepTheOrderOfAReseller(t *testing.T) {
	t.Parallel()
	r := newRigOfTwo(t)
	var commands []jobs.Command
	for i := range 60 {
		lot := func(id string) domain.LotID { return domain.LotID(fmt.Sprintf("%s%d~1", id, i)) }
		id := func(what string) string { return fmt.Sprintf("%s%d", what, i) }
		commands = append(commands,
			buyLot(id("buy"), 3),
			jobs.New(id("solobuy"), bySam, domain.PurchaseStock{Contract: "C-SOLO", Account: "solo", Product: "pro", Quantity: 2}),
			jobs.New(id("down"), byAda, domain.TransferStock{From: "northwind", To: "fjord", Product: "pro", Quantity: 3, Lot: lot("buy")}),
			soloCustomer(t, i),
			jobs.New(id("sell"), "finn@fjord.example", domain.TransferStock{From: "fjord", To: "elm", Product: "pro", Quantity: 3, Lot: lot("down")}),
			jobs.New(id("solosell"), bySam, domain.TransferStock{From: "solo", To: domain.AccountID(fmt.Sprintf("below-solo-%d", i)), Product: "pro", Quantity: 2, Lot: lot("solobuy")}),
		)
	}
	outcomes, err := r.client.Do(t.Context(), commands, jobs.Run{Wait: true, Timeout: time.Minute})
	check(t, err)
	for _, o := range outcomes {
		if o.Status != domain.Applied {
			t.Errorf("%s: %s", o.ID, text(o.Detail))
		}
	}
	r.verify()
}

// Business of two resellers shares a transaction while it is little.
func TestAFewCommandsShareOneTransaction(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		each         int // of two resellers
		transactions int64
	}{{20, 1}, {100, 2}} {
		t.Run(fmt.Sprint(2*c.each), func(t *testing.T) {
			t.Parallel()
			r := newRigOfTwo(t)
			var commands []jobs.Command
			for i := range c.each {
				commands = append(commands, buyLot(fmt.Sprintf("buy%d", i), 1),
					jobs.New(fmt.Sprintf("solobuy%d", i), bySam, domain.PurchaseStock{Contract: "C-SOLO", Account: "solo", Product: "pro", Quantity: 1}))
			}
			_, err := r.client.Do(t.Context(), commands, jobs.Run{Wait: true, Timeout: time.Minute})
			check(t, err)
			n := r.number("SELECT count(DISTINCT o.xmin::text) FROM outcomes AS o JOIN commands AS c USING (seq) WHERE c.kind = 'stock.purchase'")
			if n != c.transactions {
				t.Errorf("%d commands in %d transactions, want %d", len(commands), n, c.transactions)
			}
		})
	}
}

// enqueueTogether has callers come while the journal is held shut, so that all
// but the first are written together.
func (r *rig) enqueueTogether(callers int) []error {
	tx, err := r.pool.Begin(r.t.Context())
	check(r.t, err)
	_, err = tx.Exec(r.t.Context(), "SELECT pg_advisory_xact_lock(hashtext('licenseledger gate'))")
	check(r.t, err)
	errs := make([]error, callers)
	var calling sync.WaitGroup
	for i := range callers {
		calling.Go(func() { errs[i] = r.client.Enqueue(r.t.Context(), buyLot(fmt.Sprintf("together%d", i), 1)) })
	}
	time.Sleep(500 * time.Millisecond) // all of them wait now
	check(r.t, tx.Rollback(r.t.Context()))
	calling.Wait()
	return errs
}

// While the journal is held shut, callers come; when it opens, the first is
// written alone and all others in one transaction after it.
func TestCallersShareAJournalCommit(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const callers = 50
	check(t, errors.Join(r.enqueueTogether(callers)...))
	if n := r.number("SELECT count(*) FROM commands WHERE id LIKE 'together%'"); n != callers {
		t.Errorf("%d commands were accepted, %d are in the journal", callers, n)
	}
	if n := r.number("SELECT count(DISTINCT xmin::text) FROM commands WHERE id LIKE 'together%'"); n != 2 {
		t.Errorf("they took %d transactions", n)
	}
}

// What the database refuses to write is the caller's trouble, not that of those
// whose commands happen to be written with it.
func TestOneThatCannotBeWrittenHarmsNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.pool.Exec(t.Context(), `
		CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF NEW.id = 'together7' THEN RAISE EXCEPTION 'not this one'; END IF;
			RETURN NEW;
		END $$;
		CREATE TRIGGER refuse BEFORE INSERT ON commands FOR EACH ROW EXECUTE FUNCTION refuse()`)
	check(t, err)
	for i, err := range r.enqueueTogether(20) {
		if (err != nil) != (i == 7) {
			t.Errorf("together%d: %v", i, err)
		}
	}
}
