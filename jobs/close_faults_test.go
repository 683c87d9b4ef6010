package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

// stand lets the test clock stand at an instant without doing what is due on the
// way, like a worker that was down.
func (l *ledger) stand(at string) {
	l.t.Helper()
	_, err := l.pool.Exec(l.t.Context(), `UPDATE clock SET business_now = $1::timestamptz`, at)
	check(l.t, err)
}

// scheduler has connections of its own, so that they can be cut.
func (l *ledger) scheduler(application string) *jobs.Scheduler {
	l.t.Helper()
	address, err := url.Parse(l.pool.Config().ConnString())
	check(l.t, err)
	query := address.Query()
	query.Set("application_name", application)
	address.RawQuery = query.Encode()
	s, err := store.Open(l.t.Context(), address.String())
	check(l.t, err)
	l.t.Cleanup(s.Close)
	return jobs.NewScheduler(s, slog.New(slog.DiscardHandler)).RenderWith(notify.Documents)
}

func (l *ledger) look() {
	l.t.Helper()
	s := l.scheduler("look")
	check(l.t, s.Look(l.t.Context()))
}

func (l *ledger) want(sql string, want ...string) {
	l.t.Helper()
	if got := l.texts(sql); !slices.Equal(got, want) {
		l.t.Errorf("%s:\n%s\nwant\n%s", sql, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// invoiced verifies that every month with something to invoice has one invoice,
// and that a seller's numbers are in order of month and contract.
func (l *ledger) invoiced(invoices int) {
	l.t.Helper()
	l.want(`SELECT count(*)::text FROM invoices`, strconv.Itoa(invoices))
	l.want(`SELECT count(*)::text FROM (SELECT DISTINCT contract, period FROM charges) AS months`, strconv.Itoa(invoices))
	l.want(`SELECT contract || ' ' || period || ' ' || state FROM closes WHERE state <> 'done'`)
	l.want(`SELECT number FROM (SELECT number, n, row_number() OVER (PARTITION BY i.seller ORDER BY m.due_at, i.contract) AS place
		FROM invoices AS i JOIN closes AS m USING (contract, period)) AS x WHERE n <> place`)
	l.want(`SELECT id || ' ' || error FROM due_failures`)
	l.want(`SELECT contract || ' ' || period FROM undocumented`)
	l.want(`SELECT number FROM invoices AS i WHERE 4 <> (SELECT count(*) FROM documents AS d WHERE d.contract = i.contract AND d.period = i.period)`)
	l.want(`SELECT recipient FROM mail WHERE next_at = 'infinity'`)
	l.want(`SELECT i.number FROM invoices AS i WHERE 1 <> (SELECT count(*) FROM mail WHERE event = 'invoice.issued' AND params #>> '{invoice,number}' = i.number)`)
	l.verify()
}

// resellers puts n contracts of two sellers, in zones that close at different instants.
func (l *ledger) resellers(n int) {
	l.t.Helper()
	l.file("../examples/catalog.ndjson")
	l.apply(`{"id":"s2","kind":"seller.put","body":{"id":"second","name":"Second Ltd","address":{"line1":"1 Way","city":"Dublin","postal_code":"D01","country":"IE"},"vat_number":"IE6388047V","currency":"EUR","email":"a@b.example","finance_email":"finance@second.example","invoice_prefix":"S-","iban":"IE29AIBK93115212345678","bic":"AIBKIE2D"}}`)
	for i := range n {
		seller := []string{"lumen", "second"}[i%2]
		zone := []string{"Europe/Dublin", "America/Santiago", "Asia/Beirut"}[i/2%3]
		l.apply(contract(fmt.Sprintf("put-%d", i), fmt.Sprintf("K-%d", i), seller, zone, "2025-01-01", ""))
	}
}

func contract(id, name, seller, zone, from, more string) string {
	return fmt.Sprintf(`{"id":%q,"kind":"contract.put","body":{"id":%q,"seller":%q,"reseller":"northwind","starts_on":%q,"currency":"EUR","time_zone":%q,"finance_emails":["a@northwind.example"],"create_permission":["ada@northwind.example"]%s,"products":[{"product":"pro","prices":{"term":"10.00","flexible":"31.00","annual_monthly":"20.00","annual_yearly":"100.00"}}]}}`,
		id, name, seller, from, zone, more)
}

func buy(id, contract string) string {
	return fmt.Sprintf(`{"id":%q,"kind":"license.purchase",%s,"body":{"contract":%q,"account":"acme","product":"pro","quantity":1,"fulfil":"new"}}`, id, ada, contract)
}

func (l *ledger) buyOn(contracts int, month string) {
	l.t.Helper()
	commands := make([]jobs.Command, contracts)
	for i := range contracts {
		commands[i] = parse(l.t, buy(fmt.Sprintf("b-%s-%d", month, i), fmt.Sprintf("K-%d", i)))
	}
	for i, o := range l.run(commands) {
		if o.Status != domain.Applied {
			l.t.Fatalf("%s: %s %s", commands[i].ID, text(o.Reason), text(o.Detail))
		}
	}
}

// TestAnOutageOfMonths: nothing ran for months, then several schedulers begin at once.
func TestAnOutageOfMonths(t *testing.T) {
	l := start(t)
	l.clock("c-0", "2026-03-10T09:00:00Z")
	l.resellers(10)
	l.buyOn(10, "03")
	l.stand("2026-04-10T09:00:00Z") // these are accepted while March is still open
	l.buyOn(10, "04")
	l.stand("2026-06-15T09:00:00Z")
	var group sync.WaitGroup
	for i := range 3 {
		s := l.scheduler(fmt.Sprintf("rival-%d", i))
		group.Go(func() {
			for range 20 {
				if err := s.Look(l.t.Context()); err != nil && !store.Transient(err) {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	l.invoiced(20)
	l.want(`SELECT DISTINCT issued_on::text FROM invoices`, "2026-06-15")
	l.want(`SELECT DISTINCT period::text FROM closes ORDER BY 1`, "2026-03-01", "2026-04-01", "2026-05-01")
	before := l.texts(`SELECT (SELECT count(*) FROM mail) || ' ' || (SELECT count(*) FROM outcomes)`)
	l.look()
	l.want(`SELECT (SELECT count(*) FROM mail) || ' ' || (SELECT count(*) FROM outcomes)`, before...)
}

// TestClosingIsKilled cuts schedulers off at random moments, by their context or
// their connection, and starts them again.
func TestClosingIsKilled(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if given, err := strconv.ParseUint(os.Getenv("LICENSELEDGER_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("LICENSELEDGER_SEED=%d", seed)
	chance := rand.New(rand.NewPCG(seed, 1))
	l := start(t)
	l.clock("c-0", "2026-01-10T09:00:00Z")
	const contracts, months, kills = 8, 20, 200
	l.resellers(contracts)
	l.apply(`{"id":"flex","kind":"subscription.start",` + ada + `,"body":{"subscription":"year","contract":"C-SEATS","account":"acme","product":"pro","plan":"annual_yearly","seats":5}}`)
	admin, err := pgx.Connect(t.Context(), l.pool.Config().ConnString())
	check(t, err)
	defer admin.Close(t.Context())
	one := l.scheduler("victim")
	two := l.scheduler("victim")
	now := domain.NewDate(2026, 1, 10)
	for month := range int64(months) {
		at := now.AddMonths(month).String()
		l.stand(at + "T09:00:00Z")
		l.buyOn(contracts, at)
		l.stand(now.AddMonths(month+1).String() + "T08:00:00Z")
		for range kills / months {
			ctx, cancel := context.WithCancel(t.Context())
			var group sync.WaitGroup
			group.Go(func() { _ = one.Look(ctx) })
			group.Go(func() { _ = two.Look(ctx) })
			time.Sleep(time.Duration(chance.Int64N(int64(25 * time.Millisecond))))
			if chance.IntN(2) == 0 {
				cancel()
			} else {
				_, err := admin.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim' AND state <> 'idle'`)
				check(t, err)
			}
			group.Wait()
			cancel()
		}
		for attempt := 0; ; attempt++ { // it is started again; a cut connection may be found late
			if err := one.Look(t.Context()); err == nil {
				break
			} else if attempt > 20 {
				t.Fatal(err)
			}
		}
	}
	l.invoiced(contracts*months + 2)
}

// TestCommandsAcrossAMonthEnd moves the clock while clients buy: each purchase is
// of the month in which it was accepted.
func TestCommandsAcrossAMonthEnd(t *testing.T) {
	l := start(t)
	l.clock("c-0", "2026-03-10T09:00:00Z")
	const clients, each = 5, 200
	l.resellers(clients)
	var group sync.WaitGroup
	for client := range clients {
		commands := make([]jobs.Command, each)
		for i := range commands {
			commands[i] = parse(t, buy(fmt.Sprintf("b-%d-%d", client, i), fmt.Sprintf("K-%d", client)))
		}
		group.Go(func() {
			for pack := range slices.Chunk(commands, 10) {
				outcomes, err := l.client.Do(t.Context(), pack, jobs.Run{Wait: true, Timeout: 30 * time.Second})
				if err != nil {
					t.Error(err)
				}
				for _, o := range outcomes {
					if o.Status != domain.Applied {
						t.Errorf("%s: %s %s %s", o.ID, o.Status, text(o.Reason), text(o.Detail))
					}
				}
			}
		})
	}
	for i, to := range []string{"2026-03-31T20:59:59Z", "2026-03-31T21:00:00Z", "2026-04-02T00:00:00Z", "2026-05-20T00:00:00Z"} {
		time.Sleep(150 * time.Millisecond)
		l.clock(fmt.Sprintf("m-%d", i), to)
	}
	group.Wait()
	l.clock("c-9", "2026-07-01T12:00:00Z")
	l.want(`SELECT id || ': accepted ' || accepted_at || ', charged in ' || x.period
		FROM charges AS x JOIN outcomes USING (no) JOIN commands USING (seq) JOIN contracts AS c ON c.contract = x.contract
		WHERE x.period <> date_trunc('month', accepted_at AT TIME ZONE c.time_zone)::date`)
	l.want(`SELECT count(*)::text FROM charges`, strconv.Itoa(clients*each))
	t.Log(l.texts(`SELECT period || ': ' || count(*) FROM charges GROUP BY period ORDER BY period`))
	l.invoiced(len(l.texts(`SELECT DISTINCT contract || period FROM charges`)))
}

// TestACommandOnItsWayIsWaitedFor: it was accepted before the month ended, and
// its transaction commits after.
func TestACommandOnItsWayIsWaitedFor(t *testing.T) {
	l := start(t)
	l.clock("c-0", "2026-03-10T09:00:00Z")
	l.resellers(1)
	l.apply(buy("first", "K-0"))
	tx, err := l.pool.Begin(t.Context())
	check(t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	for _, sql := range []string{
		`SELECT pg_advisory_xact_lock_shared(hashtext('licenseledger gate'))`,
		`WITH late AS (INSERT INTO commands (source, id, kind, actor, on_behalf_of, preview, body, hash, accepted_at)
			SELECT source, 'late', kind, actor, on_behalf_of, preview, body, hash, '2026-03-31T22:59:59Z' FROM commands WHERE id = 'first' RETURNING seq)
		 INSERT INTO pending (seq, after) SELECT seq, 0 FROM late`,
	} {
		_, err := tx.Exec(t.Context(), sql)
		check(t, err)
	}
	l.stand("2026-03-31T23:00:00Z")
	s := l.scheduler("look")
	done := make(chan error)
	go func() { done <- s.Look(t.Context()) }()
	time.Sleep(200 * time.Millisecond)
	l.want(`SELECT contract FROM closes WHERE contract = 'K-0'`)
	check(t, tx.Commit(t.Context()))
	check(t, <-done)
	for range 500 {
		check(t, s.Look(t.Context()))
		if len(l.texts(`SELECT contract FROM closes WHERE contract = 'K-0'`)) > 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	l.want(`SELECT total::text || ' ' || lines FROM invoices`, "24.60 2")
	l.invoiced(1)
}

// TestAMissingRate holds up one invoice and no other.
func TestAMissingRate(t *testing.T) {
	l := start(t)
	l.clock("c-0", "2026-03-10T09:00:00Z")
	l.file("../examples/catalog.ndjson")
	l.apply(
		`{"id":"s2","kind":"seller.put","body":{"id":"berlin","name":"Berlin GmbH","address":{"line1":"1 Weg","city":"Berlin","postal_code":"10115","country":"DE"},"vat_number":"DE811569869","currency":"EUR","email":"a@b.example","finance_email":"finance@berlin.example","invoice_prefix":"B-","iban":"IE29AIBK93115212345678","bic":"AIBKIE2D"}}`,
		strings.NewReplacer("northwind", "atlas", "ada@", "olga@").Replace(contract("k0", "A-GERMAN", "berlin", "Europe/Berlin", "2026-01-01", "")),
		contract("k1", "B-IRISH", "berlin", "Europe/Berlin", "2026-01-01", ""), contract("k2", "C-IRISH", "berlin", "Europe/Berlin", "2026-01-01", ""),
		buy("b1", "B-IRISH"), buy("b2", "C-IRISH"),
		`{"id":"b0","kind":"stock.purchase","actor":"olga@atlas.example","body":{"contract":"A-GERMAN","account":"atlas","product":"pro","quantity":1}}`,
	)
	l.clock("c-1", "2026-04-10T09:00:00Z")
	l.want(`SELECT contract || ' ' || state || ' ' || detail FROM closes WHERE seller = 'berlin' ORDER BY contract`,
		"A-GERMAN needs_attention no VAT rate of DE for 2026-03-31 is on file", "B-IRISH done B-000001", "C-IRISH done B-000002")
	l.want(`SELECT count(*)::text FROM mail WHERE event = 'month.closed' AND recipient = 'finance@berlin.example' AND params::text LIKE '%"missing_rate"%"DE"%'`, "1")
	l.apply(`{"id":"fix","kind":"charge.correct","body":{"contract":"A-GERMAN","account":"atlas","product":"pro","period":"2026-03","amount":"-50.00","why":"promised"}}`)
	l.look()
	l.clock("c-2", "2026-05-10T09:00:00Z")
	l.want(`SELECT contract || ' ' || to_char(period, 'MM') FROM closes WHERE state = 'needs_attention' ORDER BY period`, "A-GERMAN 03", "A-GERMAN 04")
	l.verify()
	l.apply(`{"id":"tax","kind":"tax.put","body":{"country":"DE","rate":"19","from":"2020-01-01"}}`)
	l.look()
	l.want(`SELECT convert_from(content, 'UTF8')::json #>> '{preceding,number}' FROM invoices WHERE number = 'B-000004'`, "B-000003")
	l.want(`SELECT number || ' ' || type || ' ' || issued_on || ' ' || total FROM invoices WHERE contract = 'A-GERMAN' ORDER BY n`,
		"B-000003 380 2026-05-10 11.90", "B-000004 381 2026-05-10 -59.50")
	l.want(`SELECT number FROM invoices WHERE seller = 'berlin' ORDER BY n`, "B-000001", "B-000002", "B-000003", "B-000004")
	l.look()
	l.want(`SELECT contract FROM closes WHERE state <> 'done'`)
	l.verify()
}
