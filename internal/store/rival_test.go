package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

func command(id, kind, actor, body string) jobs.Command {
	return jobs.Command{ID: id, Kind: kind, Source: domain.DefaultSource, Actor: domain.UserID(actor), Body: []byte(body)}
}

// envelopes reads accepted commands as a worker does.
func (r *run) envelopes(seqs []int64) []*domain.Envelope {
	r.t.Helper()
	rows, err := r.store.Commands(r.t.Context(), seqs)
	check(r.t, err)
	all := make([]*domain.Envelope, len(rows))
	for i, row := range rows {
		all[i] = jobs.Envelope(row)
	}
	return all
}

// hold locks a row until it is let go, so that whoever needs it waits there.
func (r *run) hold(sql string) (letGo func()) {
	r.t.Helper()
	tx, err := r.pool.Begin(r.t.Context())
	check(r.t, err)
	_, err = tx.Exec(r.t.Context(), sql)
	check(r.t, err)
	return func() { check(r.t, tx.Rollback(r.t.Context())) }
}

// waiting waits until a transaction waits for a lock.
func (r *run) waiting() {
	r.t.Helper()
	for range 500 {
		var n int
		check(r.t, r.pool.QueryRow(r.t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&n))
		if n > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	r.t.Fatal("nobody waits for a lock")
}

func (r *run) reason(id string) string {
	r.t.Helper()
	var said string
	check(r.t, r.pool.QueryRow(r.t.Context(), "SELECT o.status || ' ' || o.reason FROM commands AS c JOIN outcomes AS o USING (seq) WHERE c.id = $1", id).Scan(&said))
	return said
}

const order = `{"contract":"C-NORTH","account":%q,"product":%q,"quantity":2}`

// A batch looks up whose the order is before it locks. If a rival commits the
// order just then, its customer is not locked: the batch must begin again.
func TestABatchMeetsAnOrderThatARivalCreates(t *testing.T) {
	t.Parallel()
	r := newRun(t)
	seqs := r.accept([]jobs.Command{
		command("order", "order.request", "mia@acme", fmt.Sprintf(order, "acme", "pro")),
		command("assign", "order.assign", "ada@north", `{"order":"order","fulfil":"new"}`),
		command("other", "order.request", "bo@blue", fmt.Sprintf(order, "blue", "basic")),
	})
	letGo := r.hold("SELECT FROM accounts WHERE account = 'blue' FOR NO KEY UPDATE")
	done := make(chan error)
	go func() {
		_, err := r.store.Execute(t.Context(), domain.Business, r.envelopes(seqs[1:]))
		done <- err
	}()
	r.waiting()
	if n := r.executeBatch(r.envelopes(seqs[:1])); n != 1 {
		t.Fatalf("the order was not decided")
	}
	letGo()
	if err := <-done; !store.Transient(err) {
		t.Errorf("the batch went on with an order whose customer it had not locked: %v", err)
	}
	r.executeBatch(r.envelopes(seqs[1:]))
	if got := r.reason("assign"); got != "applied " {
		t.Errorf("in the second run the order is %s", got)
	}
}

// Two accounts choose the same id at once: one of them gets it, the other is told.
func TestTwoTakeTheSameID(t *testing.T) {
	t.Parallel()
	r := newRun(t)
	start := `{"subscription":"same","contract":%q,"account":%q,"product":"pro","plan":"flexible","seats":%d,"cap":20}`
	seqs := r.accept([]jobs.Command{
		command("first", "subscription.start", "ada@north", fmt.Sprintf(start, "C-NORTH", "acme", 3)),
		command("second", "subscription.start", "finn@fjord", fmt.Sprintf(start, "C-FJORD", "elm", 7)),
	})
	_, err := r.pool.Exec(t.Context(), "UPDATE contracts SET used = false") // both will be marked
	check(t, err)
	letGo := r.hold("SELECT FROM contracts WHERE contract = 'C-FJORD' FOR UPDATE")
	done := make(chan error)
	go func() {
		_, err := r.store.Execute(t.Context(), domain.Business, r.envelopes(seqs[1:]))
		done <- err
	}()
	r.waiting() // it has found the id free and is about to save
	if n := r.executeBatch(r.envelopes(seqs[:1])); n != 1 {
		t.Fatal("the first was not decided")
	}
	letGo()
	if err := <-done; !store.Transient(err) && !store.TakenID(err) {
		t.Errorf("the second took the id from the first: %v", err)
	}
	r.executeBatch(r.envelopes(seqs[1:]))
	if got := r.reason("second"); got != "rejected already_exists" {
		t.Errorf("the second is %s", got)
	}
	var account string
	var seats int
	check(t, r.pool.QueryRow(t.Context(), "SELECT account, seats FROM subscriptions WHERE subscription = 'same'").Scan(&account, &seats))
	if account != "acme" || seats != 3 {
		t.Errorf("the subscription is %d seats of %s", seats, account)
	}
}

// In a serial chain nothing is decided while the one before it waits, and
// somebody else holds that one. What is dead holds nobody up.
func TestAChainWaitsForWhatIsHeld(t *testing.T) {
	t.Parallel()
	r := newRun(t)
	var chain []store.Instruction
	for _, id := range []string{"one", "two", "three", "four"} {
		chain = append(chain, store.Instruction{
			Source: domain.DefaultSource, ID: id, Kind: "order.request", Actor: "mia@acme", Body: fmt.Appendf(nil, order, "acme", "pro"), Hash: []byte(id),
		})
	}
	receipts, err := r.store.Accept(t.Context(), chain, true)
	check(t, err)
	seqs := make([]int64, len(receipts))
	for i, receipt := range receipts {
		seqs[i] = receipt.Seq
	}
	letGo := r.hold(fmt.Sprintf("SELECT FROM pending WHERE seq = %d FOR UPDATE", seqs[1]))
	if n := r.executeBatch(r.envelopes(seqs)); n != 1 {
		t.Errorf("%d of a chain were decided while somebody held the second", n)
	}
	letGo()
	_, err = r.pool.Exec(t.Context(), "UPDATE pending SET dead_at = clock_timestamp() WHERE seq = $1", seqs[1])
	check(t, err)
	if n := r.executeBatch(r.envelopes(seqs)); n != 2 {
		t.Errorf("%d were decided behind the dead one", n)
	}
}

// A license goes from a learner to another, and in the same batch the first gets a
// new one: at no moment does the learner hold two.
func TestALearnerWhoGaveALicenseAwayGetsAnother(t *testing.T) {
	t.Parallel()
	r := newRun(t)
	for _, c := range []jobs.Command{
		command("stock", "stock.purchase", "ada@north", `{"contract":"C-NORTH","account":"north","product":"pro","quantity":5}`),
		command("transfer", "stock.transfer", "ada@north", `{"from":"north","to":"acme","product":"pro","quantity":2}`),
		command("new-x", "learner.put", "", `{"id":"new-x","account":"acme","name":"X"}`),
		command("new-y", "learner.put", "", `{"id":"new-y","account":"acme","name":"Y"}`),
		command("z", "license.allocate", "mia@acme", `{"account":"acme","product":"pro","learner":"new-x"}`),
	} {
		r.rest(r.accept([]jobs.Command{c}))
		if got := r.reason(c.ID); got != "applied " {
			t.Fatalf("%s is %s", c.ID, got)
		}
	}
	r.executeBatch(r.envelopes(r.accept([]jobs.Command{
		command("m", "license.reallocate", "mia@acme", `{"account":"acme","product":"pro","from":"new-x","to":"new-y"}`),
		command("a", "license.allocate", "mia@acme", `{"account":"acme","product":"pro","learner":"new-x"}`),
	})))
	for _, id := range []string{"m", "a"} {
		if got := r.reason(id); got != "applied " {
			t.Errorf("%s is %s", id, got)
		}
	}
}
