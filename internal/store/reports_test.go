package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/testdb"
)

// reportStore is a ledger whose clock stands at 2026-11-30T23:30:00Z: in Berlin
// December has begun, in New York it has not.
func reportStore(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), testdb.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	fill(t, s, reportCatalog, reportHoldings, reportJournal)
	return s
}

func fill(t *testing.T, s *Store, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := s.pool.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s\n%v", statement, err)
		}
	}
}

const reportCatalog = `
UPDATE clock SET test = true, business_now = '2026-11-30T23:30:00Z';
INSERT INTO products (product, name, package, term_months, changed_at) VALUES
    ('pro', 'Professional', 'professional', 12, now()), ('lite', 'Lite', 'starter', 12, now());
INSERT INTO accounts (account, kind, parent, name, address, vat_number, package, trial, status, locale, purchase_link, changed_at) VALUES
    ('atlas', 'reseller', '', 'Atlas', '{}', '', '', false, 'active', 'en', '', now()),
    ('northwind', 'reseller', 'atlas', 'Northwind', '{}', '', '', false, 'active', 'en', '', now()),
    ('acme', 'customer', 'northwind', 'Acme', '{}', '', 'professional', true, 'active', 'en', '', now()),
    ('other', 'reseller', '', 'Other', '{}', '', '', false, 'closed', 'en', '', now());
INSERT INTO users (user_id, account, name, roles, locale, changed_at) VALUES
    ('ada@northwind.example', 'northwind', 'Ada', '{manager}', '', now()), ('mia@acme.example', 'acme', 'Mia', '{manager}', '', now());
INSERT INTO contracts (contract, seller, reseller, status, starts_on, ends_on, currency, time_zone, day_count, payment_terms_days,
                       purchase_order_required, minimum_quantity, finance_emails, create_permission, products, changed_at) VALUES
    ('C-BER', 's', 'northwind', 'active', '2026-01-01', '2027-12-31', 'EUR', 'Europe/Berlin', 'start_of_day', 30, false, 1, '{}',
     '{ada@northwind.example}', '[{"product": "pro", "prices": {"term": "120.00", "flexible": "12.5"}}, {"product": "lite", "prices": {}}]', now()),
    ('C-NYC', 's', 'northwind', 'active', '2026-01-01', NULL, 'JPY', 'America/New_York', 'start_of_day', 30, false, 1, '{}', '{}', '[]', now());
INSERT INTO learners (account, learner, name, status, changed_at) VALUES
    ('acme', 'l1', 'L', 'active', now()), ('acme', 'l2', 'L', 'left', now()), ('acme', 'l3', 'L', 'active', now()), ('other', 'l1', 'L', 'active', now());
INSERT INTO links (account, source, live, linked_at) VALUES
    ('acme', 'northwind', true, '2026-03-01T10:00:00+01'), ('northwind', 'other', true, '2026-03-01T10:00:00Z'),
    ('northwind', 'atlas', false, now()), ('other', 'atlas', true, now());`

const reportHoldings = `
INSERT INTO lots (lot, account, product, contract, quantity, remaining, purchased_on, expires_on, expired, no, changed_at) VALUES
    ('b~1', 'northwind', 'pro', 'C-BER', 100, 40, '2025-12-01', '2026-12-01', false, 1, now()),
    ('b~2', 'northwind', 'pro', 'C-NYC', 100, 40, '2025-12-01', '2026-12-01', false, 1, now()),
    ('a~1', 'northwind', 'lite', 'C-BER', 10, 0, '2025-12-02', '2026-12-02', false, 2, now()),
    ('c~1', 'northwind', 'pro', 'C-BER', 7, 7, '2026-02-01', '2027-02-01', false, 3, now()),
    ('d~1', 'northwind', 'pro', 'C-BER', 7, 0, '2025-02-01', '2026-02-01', true, 4, now()),
    ('o~1', 'other', 'pro', 'C-BER', 7, 7, '2026-02-01', '2027-02-01', false, 5, now());
INSERT INTO licenses (license, account, product, contract, quantity, deployed, allocated, starts_on, expires_on, expired, no, changed_at) VALUES
    ('x~1', 'acme', 'pro', 'C-BER', 10, 2, 3, '2026-02-01', '2027-02-01', false, 1, now()),
    ('x~2', 'acme', 'lite', 'C-NYC', 5, 0, 1, '2025-12-01', '2026-12-01', false, 2, now()),
    ('x~3', 'acme', 'pro', 'C-BER', 5, 0, 1, '2025-12-01', '2026-12-01', false, 3, now()),
    ('x~4', 'acme', 'pro', 'C-BER', 4, 0, 0, '2024-12-01', '2025-12-01', true, 4, now());
INSERT INTO allocations (allocation, account, product, learner, license, ended_on, no, changed_at) VALUES
    ('1', 'acme', 'pro', 'l1', 'x~1', NULL, 1, now()), ('2', 'acme', 'lite', 'l1', 'x~2', NULL, 2, now()),
    ('3', 'acme', 'pro', 'l2', 'x~1', '2026-05-01', 3, now()), ('4', 'acme', 'pro', 'l3', 'x~1', NULL, 4, now());
INSERT INTO orders (order_id, kind, contract, account, product, subscription, quantity, purchase_order, note, print_note, state,
                    requested_at, requested_by, assigned_at, no, changed_at) VALUES
    ('o1', 'license', 'C-BER', 'acme', 'pro', '', 5, 'A-7', E'two\nlines', false, 'assigned', '2026-05-31T22:30:00Z', 'mia@acme.example', '2026-06-02T08:00:00.5Z', 1, now()),
    ('o2', 'license', 'C-NYC', 'acme', 'pro', '', 6, '', '', false, 'requested', '2026-05-31T22:30:00Z', 'mia@acme.example', NULL, 2, now()),
    ('o3', 'seats', 'C-BER', 'acme', 'pro', 's1', 7, 'A-7', '', false, 'cancelled', '2026-06-30T21:59:59Z', 'mia@acme.example', NULL, 3, now());
INSERT INTO subscriptions (subscription, contract, account, product, plan, seats, cap, starts_on, term, term_starts_on, term_ends_on, renewal,
                           renewal_seats, state, no, changed_at) VALUES
    ('s1', 'C-BER', 'acme', 'pro', 'flexible', 5, 10, '2026-01-01', 1, '2026-01-01', NULL, '', NULL, 'running', 1, now()),
    ('s2', 'C-BER', 'acme', 'pro', 'annual_yearly', 5, NULL, '2026-01-01', 1, '2026-01-01', '2027-01-01', 'renew', 8, 'ended', 2, now());
INSERT INTO deployments (deployment, name, account, owner, state, items, no, changed_at) VALUES
    ('d1', 'Lab', 'acme', 'acme', 'active', '[{"product": "pro", "quantity": 2, "license": "x~1"}]', 1, now()),
    ('d2', '', 'northwind', 'acme', 'retired', '[]', 2, now()),
    ('d3', '', 'northwind', 'northwind', 'active', '[]', 3, now());
INSERT INTO charges (no, n, contract, period, account, product, kind, quantity, unit_price, amount, currency, effective_on, from_on, to_on,
                     purchase_order, note) VALUES
    (2, 1, 'C-BER', '2026-11-01', 'acme', '', 'adjustment', 0, 0, -5, 'EUR', '2026-11-02', '2026-11-02', '2026-11-02', '', ''),
    (3, 1, 'C-BER', '2026-10-01', 'acme', 'pro', 'purchase', 5, 120, 600, 'EUR', '2026-10-02', '2026-10-02', '2026-10-02', '', ''),
    (3, 2, 'C-BER', '2026-10-01', 'acme', 'pro', 'purchase', 1, 120, 120.5, 'EUR', '2026-10-02', '2026-10-02', '2026-10-02', '', ''),
    (4, 1, 'C-NYC', '2026-10-01', 'acme', 'pro', 'purchase', 1, 120, 120, 'JPY', '2026-10-02', '2026-10-02', '2026-10-02', '', '');`

const reportJournal = `
INSERT INTO commands (seq, source, id, kind, actor, on_behalf_of, preview, body, hash, accepted_at) VALUES
    (1, 'default', 'h1', 'stock.purchase', 'ada@northwind.example', '', '', '{"note": "Q4 stock"}', '\x01', now()),
    (2, 'shop', 'h1', 'order.request', 'ada@northwind.example', 'acme', '', '{}', '\x02', now()),
    (3, 'default', 'h3', 'account.put', '', '', '', '{}', '\x03', now());
INSERT INTO outcomes (seq, no, status, reason, detail, summary, at) VALUES
    (1, 11, 'applied', '', '', '100 pro bought', '2026-05-01T10:00:00Z'),
    (2, 10, 'rejected', 'trial_account', 'acme is on trial', '', '2026-05-01T10:00:00Z'),
    (3, 15, 'applied', '', 'said', 'put', '2026-05-03T10:00:00Z');
INSERT INTO history (account, no, seq) VALUES ('northwind', 11, 1), ('northwind', 10, 2), ('acme', 10, 2), ('northwind', 15, 3);
INSERT INTO refusals (source, id, hash, kind, actor, on_behalf_of, at, account, no, reason, detail) VALUES
    ('default', 'h1', '\xaabb', 'stock.transfer', 'ada@northwind.example', '', '2026-05-02T10:00:00Z', 'northwind', 12, 'id_reused', 'id h1 was used before for other content'),
    ('default', 'h1', '\xccdd', 'stock.transfer', 'ada@northwind.example', '', '2026-05-02T10:00:00Z', 'northwind', 13, 'id_reused', 'id h1 was used before for other content'),
    ('shop', 'h1', '\xee', 'stock.transfer', 'mia@acme.example', '', '2026-05-02T10:00:00Z', 'acme', 14, 'id_reused', 'id h1 was used before for other content');`

type cursored interface{ Cursor() string }

// lines reads a report as JSON; the names say where the rows are.
func lines[R any](t *testing.T, rows iter.Seq2[R, error]) []string {
	t.Helper()
	var all []string
	for row, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(b))
	}
	return all
}

// checkReport compares a report and reads it again in pages of every size.
func checkReport[R cursored](t *testing.T, name string, report func(Page) iter.Seq2[R, error], want ...string) {
	t.Helper()
	got := lines(t, report(Page{}))
	if !slices.Equal(got, want) {
		t.Errorf("%s\n got %s\nwant %s", name, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		return
	}
	for size := 1; size <= len(want); size++ {
		var paged []string
		for page := (Page{Limit: size}); ; {
			part := 0
			for row, err := range report(page) {
				if err != nil {
					t.Fatalf("%s in pages of %d: %v", name, size, err)
				}
				b, _ := json.Marshal(row)
				paged = append(paged, string(b))
				page.After = row.Cursor()
				part++
			}
			if part == 0 || len(paged) > len(want) {
				break
			}
		}
		if !slices.Equal(paged, want) {
			t.Errorf("%s in pages of %d:\n got %s\nwant %s", name, size, strings.Join(paged, "\n     "), strings.Join(want, "\n     "))
		}
	}
}

func TestReportsOfHoldings(t *testing.T) {
	s, ctx := reportStore(t), t.Context()
	checkReport(t, "stock", func(p Page) iter.Seq2[StockRow, error] { return s.StockReport(ctx, "northwind", p) },
		`{"lot":"b~1","account":"northwind","product":"pro","contract":"C-BER","quantity":100,"remaining":40,"purchased_on":"2025-12-01","expires_on":"2026-12-01","state":"expired"}`,
		`{"lot":"b~2","account":"northwind","product":"pro","contract":"C-NYC","quantity":100,"remaining":40,"purchased_on":"2025-12-01","expires_on":"2026-12-01","state":"open"}`,
		`{"lot":"a~1","account":"northwind","product":"lite","contract":"C-BER","quantity":10,"remaining":0,"purchased_on":"2025-12-02","expires_on":"2026-12-02","state":"empty"}`,
		`{"lot":"c~1","account":"northwind","product":"pro","contract":"C-BER","quantity":7,"remaining":7,"purchased_on":"2026-02-01","expires_on":"2027-02-01","state":"open"}`,
		`{"lot":"d~1","account":"northwind","product":"pro","contract":"C-BER","quantity":7,"remaining":0,"purchased_on":"2025-02-01","expires_on":"2026-02-01","state":"expired"}`)
	checkReport(t, "licenses", func(p Page) iter.Seq2[LicenseRow, error] { return s.LicensesReport(ctx, "acme", p) },
		`{"license":"x~1","account":"acme","product":"pro","contract":"C-BER","quantity":10,"deployed":2,"allocated":3,"available":5,"starts_on":"2026-02-01","expires_on":"2027-02-01","state":"active"}`,
		`{"license":"x~2","account":"acme","product":"lite","contract":"C-NYC","quantity":5,"deployed":0,"allocated":1,"available":4,"starts_on":"2025-12-01","expires_on":"2026-12-01","state":"active"}`,
		`{"license":"x~3","account":"acme","product":"pro","contract":"C-BER","quantity":5,"deployed":0,"allocated":1,"available":0,"starts_on":"2025-12-01","expires_on":"2026-12-01","state":"expired"}`,
		`{"license":"x~4","account":"acme","product":"pro","contract":"C-BER","quantity":4,"deployed":0,"allocated":0,"available":0,"starts_on":"2024-12-01","expires_on":"2025-12-01","state":"expired"}`)
	checkReport(t, "summary", func(p Page) iter.Seq2[SummaryRow, error] { return s.SummaryReport(ctx, "acme", p) },
		`{"product":"lite","owned":5,"available":4,"deployed":0,"allocated":1,"stock":0}`,
		`{"product":"pro","owned":10,"available":5,"deployed":2,"allocated":3,"stock":0}`)
	checkReport(t, "summary", func(p Page) iter.Seq2[SummaryRow, error] { return s.SummaryReport(ctx, "northwind", p) },
		`{"product":"pro","owned":0,"available":0,"deployed":0,"allocated":0,"stock":47}`)
	checkReport(t, "subscriptions", func(p Page) iter.Seq2[SubscriptionRow, error] { return s.SubscriptionsReport(ctx, "acme", p) },
		`{"subscription":"s1","account":"acme","contract":"C-BER","product":"pro","plan":"flexible","seats":5,"cap":10,"term_starts_on":"2026-01-01","term_ends_on":null,"renewal":null,"renewal_seats":null,"state":"running"}`,
		`{"subscription":"s2","account":"acme","contract":"C-BER","product":"pro","plan":"annual_yearly","seats":5,"cap":null,"term_starts_on":"2026-01-01","term_ends_on":"2027-01-01","renewal":"renew","renewal_seats":8,"state":"ended"}`)
	lab := `{"deployment":"d1","name":"Lab","account":"acme","owner":"acme","items":[{"product":"pro","quantity":2,"license":"x~1"}],"state":"active"}`
	sold := `{"deployment":"d2","name":null,"account":"northwind","owner":"acme","items":[],"state":"retired"}`
	own := `{"deployment":"d3","name":null,"account":"northwind","owner":"northwind","items":[],"state":"active"}`
	checkReport(t, "deployments", func(p Page) iter.Seq2[DeploymentRow, error] { return s.DeploymentsReport(ctx, "acme", p) }, lab, sold)
	checkReport(t, "deployments", func(p Page) iter.Seq2[DeploymentRow, error] { return s.DeploymentsReport(ctx, "northwind", p) }, sold, own)
	checkReport(t, "charges", func(p Page) iter.Seq2[ChargeRow, error] { return s.ChargesReport(ctx, "C-BER", p) },
		`{"contract":"C-BER","account":"acme","product":"pro","kind":"purchase","quantity":5,"amount":"600.00","effective_on":"2026-10-02","invoice":null}`,
		`{"contract":"C-BER","account":"acme","product":"pro","kind":"purchase","quantity":1,"amount":"120.50","effective_on":"2026-10-02","invoice":null}`,
		`{"contract":"C-BER","account":"acme","product":null,"kind":"adjustment","quantity":0,"amount":"-5.00","effective_on":"2026-11-02","invoice":null}`)
	checkReport(t, "charges", func(p Page) iter.Seq2[ChargeRow, error] { return s.ChargesReport(ctx, "C-NYC", p) },
		`{"contract":"C-NYC","account":"acme","product":"pro","kind":"purchase","quantity":1,"amount":"120","effective_on":"2026-10-02","invoice":null}`)
}

func TestReportsOfTheCatalog(t *testing.T) {
	s, ctx := reportStore(t), t.Context()
	acme := `{"account":"acme","kind":"customer","parent":"northwind","name":"Acme","package":"professional","trial":true,"status":"active"}`
	checkReport(t, "accounts", func(p Page) iter.Seq2[AccountRow, error] { return s.AccountsReport(ctx, "atlas", p) },
		`{"account":"atlas","kind":"reseller","parent":null,"name":"Atlas","package":null,"trial":false,"status":"active"}`,
		`{"account":"northwind","kind":"reseller","parent":"atlas","name":"Northwind","package":null,"trial":false,"status":"active"}`, acme)
	checkReport(t, "accounts", func(p Page) iter.Seq2[AccountRow, error] { return s.AccountsReport(ctx, "acme", p) }, acme)
	for _, account := range []string{"northwind", "acme"} {
		checkReport(t, "contracts", func(p Page) iter.Seq2[ContractRow, error] { return s.ContractsReport(ctx, account, p) },
			`{"contract":"C-BER","seller":"s","reseller":"northwind","status":"active","starts_on":"2026-01-01","ends_on":"2027-12-31","currency":"EUR","time_zone":"Europe/Berlin",`+
				`"create_permission":["ada@northwind.example"],"products":[{"product":"pro","name":"Professional","package":"professional","prices":{"term":"120.00","flexible":"12.5"}},`+
				`{"product":"lite","name":"Lite","package":"starter","prices":{}}]}`,
			`{"contract":"C-NYC","seller":"s","reseller":"northwind","status":"active","starts_on":"2026-01-01","ends_on":null,"currency":"JPY","time_zone":"America/New_York","create_permission":[],"products":[]}`)
	}
	checkReport(t, "contracts", func(p Page) iter.Seq2[ContractRow, error] { return s.ContractsReport(ctx, "atlas", p) })
	checkReport(t, "learners", func(p Page) iter.Seq2[LearnerRow, error] { return s.LearnersReport(ctx, "acme", p) },
		`{"learner":"l1","status":"active","product":"lite","license":"x~2","expires_on":"2026-12-01"}`,
		`{"learner":"l1","status":"active","product":"pro","license":"x~1","expires_on":"2027-02-01"}`,
		`{"learner":"l2","status":"left","product":null,"license":null,"expires_on":null}`,
		`{"learner":"l3","status":"active","product":"pro","license":"x~1","expires_on":"2027-02-01"}`)
	checkReport(t, "links", func(p Page) iter.Seq2[LinkRow, error] { return s.LinksReport(ctx, "northwind", p) },
		`{"account":"acme","source":"northwind","linked_at":"2026-03-01T09:00:00Z"}`,
		`{"account":"northwind","source":"other","linked_at":"2026-03-01T10:00:00Z"}`)
	if rest := lines(t, s.LearnersReport(ctx, "acme", Page{After: "l1"})); len(rest) != 2 {
		t.Errorf("after all of l1 come %v", rest)
	}
}

func TestReportOfOrders(t *testing.T) {
	s, ctx := reportStore(t), t.Context()
	berlin := `{"order":"o1","kind":"license","contract":"C-BER","account":"acme","product":"pro","quantity":5,"purchase_order":"A-7","note":"two\nlines","state":"assigned","requested_at":"2026-05-31T22:30:00Z","requested_by":"mia@acme.example","assigned_at":"2026-06-02T08:00:00.5Z"}`
	newYork := `{"order":"o2","kind":"license","contract":"C-NYC","account":"acme","product":"pro","quantity":6,"purchase_order":null,"note":null,"state":"requested","requested_at":"2026-05-31T22:30:00Z","requested_by":"mia@acme.example","assigned_at":null}`
	seats := `{"order":"o3","kind":"seats","contract":"C-BER","account":"acme","product":"pro","quantity":7,"purchase_order":"A-7","note":null,"state":"cancelled","requested_at":"2026-06-30T21:59:59Z","requested_by":"mia@acme.example","assigned_at":null}`
	june, july := domain.NewDate(2026, 6, 1), domain.NewDate(2026, 7, 1)
	for _, test := range []struct {
		filter OrderFilter
		want   []string
	}{
		{OrderFilter{}, []string{berlin, newYork, seats}},
		{OrderFilter{State: "requested"}, []string{newYork}},
		{OrderFilter{PurchaseOrder: "A-7"}, []string{berlin, seats}},
		{OrderFilter{From: june}, []string{berlin, seats}},
		{OrderFilter{To: june - 1}, []string{newYork}},
		{OrderFilter{From: june - 1, To: june}, []string{berlin, newYork}},
		{OrderFilter{From: june, To: july - 1}, []string{berlin, seats}},
		{OrderFilter{From: july}, nil},
		{OrderFilter{State: "assigned", PurchaseOrder: "A-7", From: june, To: june}, []string{berlin}},
	} {
		checkReport(t, fmt.Sprintf("orders %+v", test.filter), func(p Page) iter.Seq2[OrderRow, error] {
			return s.OrdersReport(ctx, "acme", test.filter, p)
		}, test.want...)
	}
}

func TestReportOfHistory(t *testing.T) {
	s, ctx := reportStore(t), t.Context()
	shop := `{"at":"2026-05-01T10:00:00Z","command":"shop~h1","kind":"order.request","actor":"ada@northwind.example","on_behalf_of":"acme","status":"rejected","reason":"trial_account","summary":"acme is on trial","note":null}`
	bought := `{"at":"2026-05-01T10:00:00Z","command":"h1","kind":"stock.purchase","actor":"ada@northwind.example","on_behalf_of":null,"status":"applied","reason":null,"summary":"100 pro bought","note":"Q4 stock"}`
	reuse := `{"at":"2026-05-02T10:00:00Z","command":"h1","kind":"stock.transfer","actor":"ada@northwind.example","on_behalf_of":null,"status":"rejected","reason":"id_reused","summary":"id h1 was used before for other content","note":null}`
	put := `{"at":"2026-05-03T10:00:00Z","command":"h3","kind":"account.put","actor":null,"on_behalf_of":null,"status":"applied","reason":null,"summary":"put","note":null}`
	northwind := func(p Page) iter.Seq2[HistoryRow, error] { return s.HistoryReport(ctx, "northwind", p) }
	checkReport(t, "history", northwind, shop, bought, reuse, reuse, put)
	checkReport(t, "history", func(p Page) iter.Seq2[HistoryRow, error] { return s.HistoryReport(ctx, "acme", p) }, shop,
		strings.NewReplacer(`"h1"`, `"shop~h1"`, "ada@northwind", "mia@acme").Replace(reuse))
	if rest := lines(t, northwind(Page{After: "h1"})); len(rest) != 3 {
		t.Errorf("after the command h1 come %v", rest)
	}
	if rest := lines(t, northwind(Page{After: "shop~h1"})); len(rest) != 4 {
		t.Errorf("after the command shop~h1 come %v", rest)
	}
}

func TestReportsOfNobody(t *testing.T) {
	s, ctx := reportStore(t), t.Context()
	for name, rows := range map[string]int{
		"stock": len(lines(t, s.StockReport(ctx, "nobody", Page{}))), "licenses": len(lines(t, s.LicensesReport(ctx, "nobody", Page{}))),
		"orders":        len(lines(t, s.OrdersReport(ctx, "nobody", OrderFilter{}, Page{}))),
		"subscriptions": len(lines(t, s.SubscriptionsReport(ctx, "nobody", Page{}))), "deployments": len(lines(t, s.DeploymentsReport(ctx, "nobody", Page{}))),
		"history": len(lines(t, s.HistoryReport(ctx, "nobody", Page{}))), "summary": len(lines(t, s.SummaryReport(ctx, "nobody", Page{}))),
		"accounts": len(lines(t, s.AccountsReport(ctx, "nobody", Page{}))), "contracts": len(lines(t, s.ContractsReport(ctx, "nobody", Page{}))),
		"learners": len(lines(t, s.LearnersReport(ctx, "nobody", Page{}))), "links": len(lines(t, s.LinksReport(ctx, "nobody", Page{}))),
		"charges": len(lines(t, s.ChargesReport(ctx, "nothing", Page{}))),
	} {
		if rows != 0 {
			t.Errorf("%s of nobody has %d rows", name, rows)
		}
	}
}

func TestUnknownCursor(t *testing.T) {
	s, ctx := reportStore(t), t.Context()
	first := func(rows any) error { // of any report
		var err error
		reflect.ValueOf(rows).Call([]reflect.Value{reflect.MakeFunc(reflect.TypeOf(rows).In(0), func(args []reflect.Value) []reflect.Value {
			err, _ = args[1].Interface().(error)
			return []reflect.Value{reflect.ValueOf(false)}
		})})
		return err
	}
	page := Page{After: "no-such"}
	for name, rows := range map[string]any{
		"stock": s.StockReport(ctx, "northwind", page), "licenses": s.LicensesReport(ctx, "acme", page),
		"orders": s.OrdersReport(ctx, "acme", OrderFilter{}, page), "subscriptions": s.SubscriptionsReport(ctx, "acme", page),
		"deployments": s.DeploymentsReport(ctx, "acme", page), "history": s.HistoryReport(ctx, "acme", page),
		"links": s.LinksReport(ctx, "acme", page), "charges": s.ChargesReport(ctx, "C-BER", page),
		"stock of another": s.StockReport(ctx, "northwind", Page{After: "o~1"}),
	} {
		if err := first(rows); !errors.Is(err, ErrCursor) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestResendMail(t *testing.T) {
	s, ctx := reportStore(t), t.Context()
	fill(t, s, `
INSERT INTO mail (no, n, event, account, recipient, name, locale, params, key, created_at, state, attempts, token, message_id, sent_at) VALUES
    (1, 1, 'license.assigned', 'acme', 'mia@acme.example', 'Mia', 'en', '{}', gen_random_uuid(), now(), 'sent', 3, 3, '<m1>', now()),
    (1, 2, 'license.assigned', 'acme', 'max@acme.example', 'Max', 'en', '{}', gen_random_uuid(), now(), 'sending', 1, 1, '<m2>', NULL)`)
	resend := func(id, to string, want MailState, row string) {
		t.Helper()
		before, err := s.ResendMail(ctx, id, to)
		if err != nil || before != want {
			t.Errorf("%s was %q, %v", id, before, err)
		}
		var got string
		if row != "" {
			err = s.pool.QueryRow(ctx, `SELECT concat_ws(' ', recipient, state, attempts, token, message_id, sent_at)
				FROM mail WHERE no || '-' || n = $1`, id).Scan(&got)
			if err != nil || got != row {
				t.Errorf("%s is %q, %v", id, got, err)
			}
		}
	}
	resend("1-1", "", MailSent, "mia@acme.example pending 0 4 <m1>")
	resend("1-1", "ida@acme.example", MailPending, "ida@acme.example pending 0 5 ")
	resend("1-2", "", MailSending, "max@acme.example sending 1 1 <m2>")
	resend("9-9", "", "", "")
	resend("nonsense", "", "", "")
}
