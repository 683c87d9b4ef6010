package jobs_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestTheDayOfAnEndHasNoMidnight: the clocks go forward at midnight, so the day
// begins at one o'clock.
func TestTheDayOfAnEndHasNoMidnight(t *testing.T) {
	for _, tc := range []struct{ zone, day, before, start string }{
		{"America/Santiago", "2026-09-06", "2026-09-06T03:59:59Z", "2026-09-06T04:00:00Z"},
		{"Asia/Beirut", "2026-03-29", "2026-03-28T21:59:59Z", "2026-03-28T22:00:00Z"},
		{"Africa/Cairo", "2026-04-24", "2026-04-23T21:59:59Z", "2026-04-23T22:00:00Z"},
	} {
		t.Run(tc.zone, func(t *testing.T) {
			t.Parallel()
			l := start(t)
			l.stand("2025" + tc.day[4:] + "T12:00:00Z")
			l.file("../examples/catalog.ndjson")
			l.apply(contract("k", "K", "lumen", tc.zone, "2025-01-01", ""),
				`{"id":"p","kind":"stock.purchase",`+ada+`,"body":{"contract":"K","account":"northwind","product":"pro","quantity":10}}`,
				`{"id":"t","kind":"stock.transfer",`+ada+`,"body":{"from":"northwind","to":"acme","product":"pro","quantity":4}}`)
			l.clock("c-1", tc.before)
			l.want(`SELECT id FROM commands WHERE kind IN ('stock.expire', 'license.expire')`)
			l.clock("c-2", tc.start)
			l.want(`SELECT to_char(o.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z" ') || summary FROM outcomes AS o JOIN commands USING (seq)
				WHERE kind IN ('stock.expire', 'license.expire') ORDER BY no`,
				tc.start+" 6 pro of lot p~1 expired", tc.start+" 4 pro of license t~1 expired")
			l.verify()
		})
	}
}

// TestMonthsCloseWhereTheContractIs: contracts in different zones close at
// different instants, each dated by its own first day.
func TestMonthsCloseWhereTheContractIs(t *testing.T) {
	l := start(t)
	l.clock("c-0", "2026-03-10T09:00:00Z")
	l.file("../examples/catalog.ndjson")
	zones := []string{"Pacific/Kiritimati", "Asia/Beirut", "Africa/Cairo", "America/Santiago", "Pacific/Honolulu"}
	for i, zone := range zones {
		l.apply(contract(fmt.Sprintf("put-%d", i), fmt.Sprintf("K-%d", i), "lumen", zone, "2026-01-01", ""), buy(fmt.Sprintf("b-%d", i), fmt.Sprintf("K-%d", i)))
	}
	l.clock("c-1", "2026-04-01T09:59:59Z")
	l.want(`SELECT contract FROM invoices ORDER BY n`, "K-0", "K-1", "K-2", "K-3")
	l.apply(buy("last", "K-4")) // it is still March there
	l.clock("c-2", "2026-04-01T10:00:00Z")
	l.want(`SELECT contract || to_char(due_at AT TIME ZONE 'UTC', ' MM-DD HH24:MI ') || issued_on || ' ' || lines FROM invoices JOIN closes USING (contract, period) ORDER BY n`,
		"K-0 03-31 10:00 2026-04-01 1", "K-1 03-31 21:00 2026-04-01 1", "K-2 03-31 22:00 2026-04-01 1", "K-3 04-01 03:00 2026-04-01 1", "K-4 04-01 10:00 2026-04-01 2")
	l.clock("c-3", "2026-12-01T12:00:00Z") // over the changes of autumn
	l.want(`SELECT contract || ' ' || period FROM closes JOIN contracts USING (contract) WHERE due_at <> ((period + interval '1 month') AT TIME ZONE time_zone)`)
	l.want(`SELECT DISTINCT count(*)::text FROM closes WHERE contract LIKE 'K-%' GROUP BY contract`, "9")
	l.verify()
}

// TestNoMonthIsLeftOutByAnotherZone: a contract that nobody has bought under may
// get another zone, also where it is already the next month.
func TestNoMonthIsLeftOutByAnotherZone(t *testing.T) {
	l := start(t)
	l.clock("c-0", "2026-02-10T09:00:00Z")
	l.file("../examples/catalog.ndjson")
	l.apply(contract("k-1", "K", "lumen", "Pacific/Honolulu", "2026-01-01", ""))
	l.clock("c-1", "2026-03-10T09:00:00Z")
	l.apply(contract("k-2", "K", "lumen", "Pacific/Kiritimati", "2026-01-01", ""), buy("b", "K"))
	l.clock("c-2", "2026-06-10T09:00:00Z")
	l.want(`SELECT period || ' ' || detail FROM closes WHERE contract = 'K' ORDER BY period`,
		"2026-02-01 nothing to invoice", "2026-03-01 LUM-000001", "2026-04-01 nothing to invoice", "2026-05-01 nothing to invoice")
	l.verify()
}

// TestTermsFromALeapDay are counted from the first start.
func TestTermsFromALeapDay(t *testing.T) {
	l := start(t)
	l.clock("c-0", "2028-02-29T09:00:00Z")
	l.file("../examples/catalog.ndjson")
	l.apply(
		`{"id":"s","kind":"subscription.start",`+ada+`,"body":{"subscription":"leap","contract":"C-SEATS","account":"acme","product":"pro","plan":"annual_yearly","seats":1}}`,
		`{"id":"p","kind":"stock.purchase",`+ada+`,"body":{"contract":"C-NORTH","account":"northwind","product":"pro","quantity":10}}`,
	)
	l.clock("c-1", "2032-03-05T00:00:00Z")
	l.want(`SELECT to_char(o.at AT TIME ZONE 'UTC', 'YYYY-MM-DD ') || summary FROM outcomes AS o JOIN commands USING (seq) WHERE kind IN ('subscription.renew', 'stock.expire') ORDER BY no`,
		"2029-02-28 10 pro of lot p~1 expired", "2029-02-28 subscription leap renewed with 1 seats until 2030-02-28",
		"2030-02-28 subscription leap renewed with 1 seats until 2031-02-28", "2031-02-28 subscription leap renewed with 1 seats until 2032-02-29",
		"2032-02-29 subscription leap renewed with 1 seats until 2033-02-28")
	l.want(`SELECT from_on || ' ' || days FROM charges WHERE kind = 'term' ORDER BY no`,
		"2028-02-29 365", "2029-02-28 365", "2030-02-28 365", "2031-02-28 366", "2032-02-29 365")
	l.verify()
}

// TestReminders are for what existed then and is left; after an outage only the
// latest goes out.
func TestReminders(t *testing.T) {
	l := start(t)
	l.clock("c-0", "2026-03-02T09:00:00Z")
	l.file("../examples/catalog.ndjson")
	l.apply(
		`{"id":"p","kind":"stock.purchase",`+ada+`,"body":{"contract":"C-NORTH","account":"northwind","product":"pro","quantity":10}}`,
		`{"id":"e","kind":"stock.purchase",`+ada+`,"body":{"contract":"C-NORTH","account":"northwind","product":"basic","quantity":3}}`,
		`{"id":"t","kind":"stock.transfer",`+ada+`,"body":{"from":"northwind","to":"bluebird","product":"basic","quantity":3}}`,
	)
	l.stand("2027-02-24T09:00:00Z") // those of 30 and 7 days are overdue
	l.look()
	const reminders = `SELECT to_char(created_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI ') || account FROM mail WHERE event = 'stock.expiring' ORDER BY created_at, account`
	l.want(reminders, "02-23 00:00 northwind")
	l.clock("c-1", "2027-02-25T09:00:00Z")
	l.apply(`{"id":"m","kind":"stock.transfer",` + ada + `,"body":{"from":"northwind","to":"fjord","product":"pro","quantity":4}}`)
	l.clock("c-2", "2027-03-10T09:00:00Z")
	l.want(reminders, "02-23 00:00 northwind", "03-01 00:00 fjord", "03-01 00:00 northwind")
	l.want(`SELECT account FROM mail WHERE event = 'stock.expired' ORDER BY account`, "fjord", "northwind")
	l.verify()
}

// TestEndings are those of rule 42.
func TestEndings(t *testing.T) {
	l := start(t)
	l.clock("c-0", "2026-03-02T09:00:00Z")
	l.file("../examples/catalog.ndjson")
	put := func(id, name, more string) string {
		return contract(id, name, "lumen", "Europe/Dublin", "2026-01-01", more)
	}
	begin := func(contract, plan, more string) string {
		return fmt.Sprintf(`{"id":"s-%s-%s","kind":"subscription.start",%s,"body":{"subscription":"%s-%s","contract":%q,"account":"acme","product":"pro","plan":%q,"seats":2%s}}`,
			contract, plan, ada, contract, plan, contract, plan, more)
	}
	for _, name := range []string{"ENDED", "LAST-DAY", "PAUSED", "PRICELESS"} {
		l.apply(put("k-"+name, name, ""), begin(name, "flexible", `,"cap":9`), begin(name, "annual_monthly", ""))
	}
	l.clock("c-1", "2026-05-10T10:00:00Z")
	l.apply(put("k2-ENDED", "ENDED", `,"status":"ended"`), put("k2-LAST", "LAST-DAY", `,"ends_on":"2026-06-20"`), put("k2-PAUSED", "PAUSED", `,"status":"suspended"`),
		`{"id":"k2-PRICELESS","kind":"contract.put","body":{"id":"PRICELESS","seller":"lumen","reseller":"northwind","starts_on":"2026-01-01","currency":"EUR","time_zone":"Europe/Dublin","finance_emails":["a@northwind.example"],"create_permission":["ada@northwind.example"],"products":[{"product":"basic","prices":{"term":"9.00"}}]}}`)
	l.clock("c-2", "2027-03-03T00:00:00Z")
	l.want(`SELECT to_char(o.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI ') || summary FROM outcomes AS o JOIN commands USING (seq) WHERE kind = 'subscription.renew' ORDER BY no`,
		"2026-05-10 10:00 subscription ENDED-flexible ended: contract ENDED is over",
		"2026-06-20 23:00 subscription LAST-DAY-flexible ended: contract LAST-DAY is over",
		"2027-03-02 00:00 subscription ENDED-annual_monthly ended: instead of renewing, because contract ENDED is not active",
		"2027-03-02 00:00 subscription LAST-DAY-annual_monthly ended: instead of renewing, because contract LAST-DAY is not active",
		"2027-03-02 00:00 subscription PAUSED-annual_monthly ended: instead of renewing, because contract PAUSED is not active",
		"2027-03-02 00:00 subscription PRICELESS-annual_monthly ended: instead of renewing, because contract PRICELESS has no annual_monthly price for pro")
	l.want(`SELECT subscription FROM subscriptions WHERE state = 'running' ORDER BY 1`, "PAUSED-flexible", "PRICELESS-flexible")
	l.want(`SELECT contract || ' ' || count(*) || ' ' || max(to_char(period, 'YYYY-MM')) FROM invoices GROUP BY contract ORDER BY contract`,
		"ENDED 12 2027-02", "LAST-DAY 12 2027-02", "PAUSED 12 2027-02", "PRICELESS 12 2027-02")
	l.clock("c-3", "2027-04-02T00:00:00Z")
	l.want(`SELECT (a ->> 'sort') || ' ' || (a ->> 'subscription') || ' of ' || (a ->> 'contract')
		FROM mail, json_array_elements(params #> '{month,attention}') AS a WHERE event = 'month.closed' ORDER BY 1`,
		"ended ENDED-annual_monthly of ENDED", "ended LAST-DAY-annual_monthly of LAST-DAY",
		"ended PAUSED-annual_monthly of PAUSED", "ended PRICELESS-annual_monthly of PRICELESS")
	l.verify()
}

// TestWhatWasDueComesFirst: after an outage, seats are added to the term that has
// begun meanwhile, and a renewal takes the price of its day.
func TestWhatWasDueComesFirst(t *testing.T) {
	l := start(t)
	l.clock("c-0", "2027-03-10T09:00:00Z")
	l.file("../examples/catalog.ndjson")
	put := func(id, name, price string) string {
		return strings.Replace(contract(id, name, "lumen", "Europe/Dublin", "2025-01-01", ""), `"annual_yearly":"100.00"`, `"annual_yearly":"`+price+`"`, 1)
	}
	for _, name := range []string{"MORE", "DEARER"} {
		l.apply(put("k-"+name, name, "115.00"),
			`{"id":"s-`+name+`","kind":"subscription.start",`+ada+`,"body":{"subscription":"`+name+`","contract":"`+name+`","account":"acme","product":"pro","plan":"annual_yearly","seats":5}}`)
	}
	l.clock("c-1", "2028-03-01T00:00:00Z")
	l.stand("2028-03-12T09:00:00Z")
	l.apply(`{"id":"more","kind":"seats.change",`+ada+`,"body":{"subscription":"MORE","delta":3}}`, put("dearer", "DEARER", "999.00"))
	l.look()
	l.want(`SELECT contract || ' ' || quantity || ' × ' || unit_price || ' from ' || from_on || ': ' || amount FROM charges WHERE from_on >= '2028-01-01' ORDER BY 1`,
		"DEARER 5 × 115.00 from 2028-03-10: 575.00", "MORE 3 × 115.00 from 2028-03-12: 343.11", "MORE 5 × 115.00 from 2028-03-10: 575.00")
	l.verify()
}
