package jobs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

// texts runs a query of one text column.
func (l *ledger) texts(sql string) []string {
	l.t.Helper()
	rows, err := l.pool.Query(l.t.Context(), sql)
	check(l.t, err)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	check(l.t, err)
	return all
}

func (l *ledger) clock(id, to string) {
	l.t.Helper()
	o := l.run([]jobs.Command{parse(l.t, `{"id":"`+id+`","kind":"clock.advance","body":{"to":"`+to+`"}}`)})[0]
	if o.Status != domain.Applied {
		l.t.Fatalf("clock to %s: %s", to, text(o.Detail))
	}
}

func (l *ledger) apply(lines ...string) {
	l.t.Helper()
	for _, line := range lines {
		if o := l.run([]jobs.Command{parse(l.t, line)})[0]; o.Status != domain.Applied {
			l.t.Fatalf("%s: %s %s", line, text(o.Reason), text(o.Detail))
		}
	}
}

const ada = `"actor":"ada@northwind.example"`

// TestAYearGoesBy: what falls due happens at its instant, oldest first, before
// the move of the clock is answered.
func TestAYearGoesBy(t *testing.T) {
	l := start(t)
	l.clock("c-0", "2026-03-02T09:00:00Z")
	l.file("../examples/catalog.ndjson")
	l.apply(
		`{"id":"p","kind":"stock.purchase",`+ada+`,"body":{"contract":"C-NORTH","account":"northwind","product":"pro","quantity":100}}`,
		`{"id":"t","kind":"stock.transfer",`+ada+`,"body":{"from":"northwind","to":"acme","product":"pro","quantity":10}}`,
		`{"id":"d","kind":"deployment.create","actor":"mia@acme.example","body":{"deployment":"lab","account":"acme","owner":"acme","items":[{"product":"pro","quantity":4}]}}`,
		`{"id":"l","kind":"learner.put","body":{"id":"l-1","account":"acme","name":"Nora"}}`,
		`{"id":"a","kind":"license.allocate",`+ada+`,"body":{"account":"acme","product":"pro","learner":"l-1"}}`,
		`{"id":"s","kind":"subscription.start",`+ada+`,"body":{"subscription":"year","contract":"C-SEATS","account":"acme","product":"pro","plan":"annual_yearly","seats":5}}`,
		`{"id":"s2","kind":"subscription.start",`+ada+`,"body":{"subscription":"once","contract":"C-SEATS","account":"acme","product":"pro","plan":"annual_monthly","seats":5,"renewal":"end"}}`,
		`{"id":"r","kind":"renewal.change",`+ada+`,"body":{"subscription":"year","renewal":"renew","seats":8}}`,
	)
	l.clock("c-1", "2027-03-05T00:00:00Z")
	if now, _, err := l.store.Clock(t.Context()); err != nil || !now.Equal(time.Date(2027, 3, 5, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("the clock stands at %s, %v", now, err)
	}
	got := strings.Join(l.texts(`SELECT to_char(o.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' ' || o.summary
		FROM commands JOIN outcomes AS o USING (seq) WHERE source = '~' ORDER BY o.no`), "\n")
	want := strings.Join([]string{
		"2027-01-31 00:00 reminded of 90 pro in lot p~1",
		"2027-01-31 00:00 reminded of 10 pro of license t~1",
		"2027-01-31 00:00 nothing to remind of",
		"2027-01-31 00:00 reminded of the renewal of year",
		"2027-02-23 00:00 reminded of 90 pro in lot p~1",
		"2027-02-23 00:00 reminded of 10 pro of license t~1",
		"2027-02-27 00:00 reminded of 10 pro of license t~1",
		"2027-03-01 00:00 reminded of 90 pro in lot p~1",
		"2027-03-02 00:00 90 pro of lot p~1 expired",
		"2027-03-02 00:00 10 pro of license t~1 expired",
		"2027-03-02 00:00 subscription once ended: as was decided",
		"2027-03-02 00:00 subscription year renewed with 8 seats until 2028-03-02",
	}, "\n")
	if got != want {
		t.Errorf("it happened:\n%s\nwant\n%s", got, want)
	}
	for sql, want := range map[string]string{
		`SELECT items::text FROM deployments WHERE deployment = 'lab'`:                                             `[]`,
		`SELECT ended_on::text FROM allocations`:                                                                   "2027-03-02",
		`SELECT delta || ' ' || ends_term FROM seat_changes WHERE subscription = 'year' AND no > 40 AND delta = 3`: "3 true",
		`SELECT amount::text FROM charges WHERE kind = 'term' ORDER BY no DESC LIMIT 1`:                            "920.00",
	} {
		if got := strings.Join(l.texts(sql), ","); got != want {
			t.Errorf("%s: %s, want %s", sql, got, want)
		}
	}
	l.verify()
}

// TestARowThatIsDueAgain holds up nothing: what was due is done once.
func TestARowThatIsDueAgain(t *testing.T) {
	l := start(t)
	l.clock("c-0", "2026-03-02T09:00:00Z")
	l.file("../examples/catalog.ndjson")
	l.apply(`{"id":"p","kind":"stock.purchase",` + ada + `,"body":{"contract":"C-NORTH","account":"northwind","product":"pro","quantity":100}}`)
	l.clock("c-1", "2026-04-02T00:00:00Z")
	l.apply(`{"id":"q","kind":"stock.purchase",` + ada + `,"body":{"contract":"C-NORTH","account":"northwind","product":"pro","quantity":7}}`)
	l.clock("c-2", "2027-03-10T00:00:00Z")
	_, err := l.pool.Exec(t.Context(), `UPDATE lots SET next_due_at = '2027-03-02T00:00:00Z' WHERE lot = 'p~1'`)
	check(t, err)
	l.clock("c-3", "2027-04-10T00:00:00Z")
	l.want(`SELECT id || ': ' || error FROM due_failures`, "p~1: it is due again although what was due is done")
	l.want(`SELECT lot || ' ' || remaining FROM lots WHERE expired ORDER BY 1`, "p~1 0", "q~1 0")
}
