package jobs_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

// rowsWith lists the tables in which a text occurs in any column of any row.
func (l *ledger) rowsWith(word string) []string {
	l.t.Helper()
	names, err := l.pool.Query(l.t.Context(), `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`)
	check(l.t, err)
	var tables, found []string
	for names.Next() {
		var name string
		check(l.t, names.Scan(&name))
		tables = append(tables, name)
	}
	check(l.t, names.Err())
	for _, table := range tables {
		rows, err := l.pool.Query(l.t.Context(), `SELECT t::text FROM `+table+` AS t`)
		check(l.t, err)
		for rows.Next() {
			var row string
			check(l.t, rows.Scan(&row))
			if strings.Contains(row, word) {
				found = append(found, table+" "+row)
			}
		}
		check(l.t, rows.Err())
	}
	return found
}

// learner.erase removes the name everywhere: from the learner and from every
// command that ever brought it. All else is as before, the first outcome of
// those commands too.
func TestAnErasedNameIsNowhere(t *testing.T) {
	l := start(t)
	l.applied(theWorld()...)
	const first, second = "Zinaida Qwertz", "Zinaida Married"
	put := jobs.New("put", "", domain.PutLearner{ID: "zq", Account: "acme", Name: first})
	again := jobs.New("again", "", domain.PutLearner{ID: "zq", Account: "acme", Name: second})
	other := jobs.New("other", "", domain.PutLearner{ID: "zq", Account: "blue", Name: "Zinaida Other"}) // somebody else
	stale := jobs.New("stale", "", domain.PutLearner{ID: "zq", Account: "acme", Name: first})
	stale.Preview = "stale" // refused, but in the journal all the same
	l.applied(put, again, other)
	refused := l.run([]jobs.Command{stale})[0]
	l.applied(
		jobs.New("buy", "ada@north", domain.PurchaseLicense{Contract: "C-NORTH", Account: "acme", Product: "pro", Quantity: 20}),
		jobs.New("allocate", "mia@acme", domain.AllocateLicense{Account: "acme", Product: "pro", Learner: "zq"}))
	before := l.run([]jobs.Command{put, again})
	if len(l.rowsWith("Zinaida Qwertz")) != 2 || len(l.rowsWith("Zinaida Married")) != 2 {
		t.Fatalf("the names are in %q", append(l.rowsWith(first), l.rowsWith(second)...))
	}

	l.applied(jobs.New("erase", "", domain.EraseLearner{ID: "zq", Account: "acme"}))
	for _, name := range []string{first, second} {
		if found := l.rowsWith(name); len(found) > 0 {
			t.Errorf("%s is still in\n%s", name, strings.Join(found, "\n"))
		}
	}
	if len(l.rowsWith("Zinaida Other")) != 2 {
		t.Error("somebody else's name is gone")
	}

	// The original commands still get their first outcome, and others none of it.
	for i, o := range l.run([]jobs.Command{put, again}) {
		if !bytes.Equal(mustJSON(t, o), mustJSON(t, before[i])) {
			t.Errorf("%s is now %s, and was %s", o.ID, mustJSON(t, o), mustJSON(t, before[i]))
		}
	}
	if o := l.run([]jobs.Command{stale})[0]; !bytes.Equal(mustJSON(t, o), mustJSON(t, refused)) {
		t.Errorf("the refused one is now %s", mustJSON(t, o))
	}
	renamed := jobs.New("put", "", domain.PutLearner{ID: "zq", Account: "acme", Name: "Zinaida Else"})
	if o := l.run([]jobs.Command{renamed})[0]; text(o.Reason) != string(domain.IDReused) {
		t.Errorf("the id with another name is %s", verdict(o))
	}
	if found := append(l.rowsWith("Zinaida Else"), l.rowsWith(first)...); len(found) > 0 {
		t.Errorf("sending it again has brought the name back: %q", found)
	}

	// What the learner has stays, and the learner can be erased again or come back.
	l.applied(
		jobs.New("erase-2", "", domain.EraseLearner{ID: "zq", Account: "acme"}),
		jobs.New("back", "", domain.PutLearner{ID: "zq", Account: "acme", Name: "Zinaida Back"}))
	if o := l.run([]jobs.Command{jobs.New("more", "mia@acme", domain.AllocateLicense{Account: "acme", Product: "pro", Learner: "zq"})})[0]; text(o.Reason) != string(domain.AlreadyAllocated) {
		t.Errorf("the learner's license is %s", verdict(o))
	}
	l.verify()
	var shown int
	check(t, l.pool.QueryRow(t.Context(), `SELECT count(*) FROM history AS h JOIN commands AS c USING (seq) WHERE h.account = 'acme' AND c.kind LIKE 'learner.%' AND c.body ->> 'id' = 'zq'`).Scan(&shown))
	if shown != 6 {
		t.Errorf("the history shows %d commands about the learner, want 6", shown)
	}
}

// A name is gone also if the command that brought it and the one that erases it
// are decided in one transaction.
func TestANameThatIsErasedAtOnce(t *testing.T) {
	l := start(t)
	l.applied(theWorld()...)
	commands := []jobs.Command{
		jobs.New("put", "", domain.PutLearner{ID: "zq", Account: "acme", Name: "Zinaida Qwertz"}),
		jobs.New("erase", "", domain.EraseLearner{ID: "zq", Account: "acme"}),
	}
	l.applied(commands...)
	if found := l.rowsWith("Zinaida Qwertz"); len(found) > 0 {
		t.Errorf("the name is still in %q", found)
	}
}
