package domain_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
)

func TestRule6WhatIsInUseStays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		change string
		reason domain.Reason
	}{
		{"contract C-1 seller=euro", domain.InUse},
		{"contract C-1 reseller=atlas", domain.InUse},
		{"contract C-1 currency=GBP", domain.InUse},
		{"contract C-1 time_zone=Europe/London", domain.InUse},
		{"contract C-1 day_count=end_of_day", domain.InUse},
		{"contract C-1 day_count=start_of_day", ""},
		{"contract C-1 starts_on=2027-01-01 ends_on=2028-01-01 status=ended", ""},
		{"contract C-1 payment_terms_days=14 minimum_quantity=5 purchase_order_required=true max_seats_per_customer=1", ""},
		{"contract C-1 products=basic:term=1 create_permission=sam@north finance_emails=new@north.example", ""},
		{"contract C-YEN seller=euro reseller=atlas currency=EUR time_zone=Europe/Berlin day_count=end_of_day", ""}, // nothing was bought under it

		{"product pro package=starter", domain.InUse},
		{"product pro term_months=6", domain.InUse},
		{"product pro name=Other term_months=12", ""},
		{"product basic package=professional term_months=1", ""}, // never bought

		{"account acme kind=reseller parent= package=", domain.InUse},
		{"account north kind=customer parent=atlas package=starter purchase_link=", domain.InUse},
		{"account quiet kind=reseller parent=north package=", ""},
		{"account atlas kind=customer parent=rival package=starter", domain.InUse}, // it has a sub-reseller
		{"account usd kind=customer parent=north package=starter", domain.InUse},   // it has a contract
		{"account acme parent=fjord", domain.InUse},                                // running subscriptions
		{"account quiet parent=fjord", ""},
		{"account north parent=rival", domain.InUse}, // a reseller's parent is set once
		{"account north parent=", domain.InUse},
		{"account usd parent=north", ""},
		{"account atlas parent=fjord", domain.InUse}, // which is below it
		{"account acme package=starter trial=true status=closed", ""},
	} {
		w := ourWorld(t)
		w.refuses("change "+c.change, c.reason)
	}
}

func TestRule6(t *testing.T) {
	t.Parallel()
	rule(t, "a customer moves when nothing runs and nothing is asked for", `
		change account acme parent=fjord => in_use
		subscription.end by=mia@acme subscription=flex
		change account acme parent=fjord => in_use
		expire year
		change account acme parent=fjord => in_use
		order.cancel by=mia@acme order=order
		order.cancel by=mia@acme order=bigorder
		order.cancel by=mia@acme order=seatorder
		change account acme parent=fjord`)
	rule(t, "a new package leaves alone what the customer has", `
		change account acme package=starter
		license.allocate by=mia@acme account=acme product=pro learner=l3
		deployment.create by=mia@acme deployment=new account=acme owner=acme items=pro:2
		deployment.retire by=mia@acme deployment=dep
		seats.change by=mia@acme subscription=flex delta=-1
		seats.change by=mia@acme subscription=flex delta=1 => package_mismatch
		stock.transfer by=ada@north from=north to=acme product=pro quantity=1 => package_mismatch
		license.renew by=ada@north license=lic~1 quantity=1 => package_mismatch`)
	for _, adds := range []string{
		"stock.transfer by=ada@north from=north to=acme product=pro quantity=1",
		"license.purchase by=ada@north contract=C-1 account=acme product=pro quantity=1 fulfil=new",
		"license.purchase by=ada@north contract=C-1 account=acme product=pro quantity=1 fulfil=stock",
		"license.renew by=ada@north license=lic~1 quantity=1",
		"license.sell by=ada@north from=north to=acme items=pro:1:own~1",
		"license.pull by=mia@acme account=acme from=elm items=pro:1",
		"deployment.create by=ada@north deployment=new account=north owner=acme items=pro:1",
		"order.request by=mia@acme contract=C-1 account=acme product=pro quantity=1",
		"order.assign by=ada@north order=order fulfil=new",
		"order.assign by=ada@north order=order fulfil=stock",
		"order.assign by=ada@north order=seatorder",
		"subscription.start by=ada@north subscription=new contract=C-1 account=acme product=pro plan=flexible seats=1 cap=2",
		"seats.change by=mia@acme subscription=flex delta=1",
		"seats.change by=ada@north subscription=year delta=1",
		"seats.request by=mia@acme subscription=year quantity=1",
		"account.link by=mia@acme account=acme source=cedar approved_by=cleo@cedar",
	} {
		rule(t, "a closed account refuses "+read(adds).kind, "change account acme status=closed\n"+adds+" => account_closed")
	}
	rule(t, "a closed account lets go", `
		change account acme status=closed
		deployment.retire by=mia@acme deployment=dep
		seats.change by=mia@acme subscription=flex delta=-1
		subscription.end by=mia@acme subscription=flex
		subscription.end by=mia@acme subscription=year
		order.cancel by=mia@acme order=order
		order.reject by=ada@north order=bigorder why=closed
		account.unlink by=mia@acme account=acme source=elm`)
	rule(t, "a closed reseller takes no stock and no accounts", `
		change account fjord status=closed
		stock.purchase by=finn@fjord contract=C-FJORD account=fjord product=pro quantity=1 => account_closed
		stock.transfer by=ada@north from=north to=fjord product=pro quantity=1 => account_closed
		account.put id=new kind=customer parent=fjord package=professional => account_closed
		account.put id=new kind=reseller parent=fjord => account_closed
		change account elm name=Elm`)
}

// Rule 18: the choice is never made silently, and never one that cannot be kept.
func TestRule18StockOrNew(t *testing.T) {
	t.Parallel()
	const enough, tooMany = "100", "101" // of 100 in stock, beside 9 that have expired
	for _, c := range []struct {
		quantity, fulfil string
		reason           domain.Reason
		charged, left    int64
	}{
		{enough, "", domain.FulfilRequired, 0, 100},
		{enough, "new", "", 1, 100},
		{enough, "stock", "", 0, 0},
		{tooMany, "", "", 1, 100},
		{tooMany, "new", "", 1, 100},
		{tooMany, "stock", domain.InsufficientStock, 0, 100},
	} {
		buy := "license.purchase by=ada@north contract=C-1 account=acme product=pro quantity=" + c.quantity + " fulfil=" + c.fulfil
		request := "order.request o by=mia@acme contract=C-1 account=acme product=pro quantity=" + c.quantity
		for _, how := range [][]string{
			{buy},
			{strings.Replace(buy, "account=acme", "account=north", 1)},
			{request, "order.assign by=ada@north order=o fulfil=" + c.fulfil},
		} {
			w := ourWorld(t)
			w.must(how[:len(how)-1]...)
			charges := len(w.ledger.Charges)
			w.refuses(how[len(how)-1], c.reason)
			if got := int64(len(w.ledger.Charges) - charges); got != c.charged {
				t.Errorf("%s makes %d charges, want %d", how, got, c.charged)
			}
			if left := w.ledger.Lots["stock~1"].Remaining; left != c.left || w.ledger.Lots["northold~1"].Remaining != 9 {
				t.Errorf("%s leaves %d in stock, want %d", how, left, c.left)
			}
		}
	}
	rule(t, "lots of any contract count together", `
		stock.purchase yen by=ada@north contract=C-YEN account=north product=pro quantity=5
		license.purchase by=ada@north contract=C-1 account=acme product=pro quantity=105 => fulfil_required
		license.purchase p by=ada@north contract=C-1 account=acme product=pro quantity=105 fulfil=stock
		new lots
		= yen~1 north: 0 of 5 pro, before 2028-03-02
		new licenses
		= p~1 acme: 100 pro from 2027-03-02, before 2028-03-02
		= p~2 acme: 5 pro from 2027-03-02, before 2028-03-02
		new charges
		= stock for north: 5 pro at 9000 = 45000 JPY on 2027-03-02`)
}

// Rule 20: quantity × term price × d ÷ D, rounded once. lic~1 of acme ends on 2028-03-02.
func TestRule20CotermIsChargedForWhatIsLeft(t *testing.T) {
	t.Parallel()
	const pacific = `
		contract.put id=C-LA seller=lumen reseller=north starts_on=2026-01-01 currency=USD time_zone=America/Los_Angeles create_permission=ada@north products=pro:term=100.00`
	for _, c := range []struct{ at, contract, quantity, want string }{
		{"2027-03-02T09:00:00Z", "C-1", "3", "3 pro at 120.00 = 360.00 EUR on 2027-03-02"},    // 366 ÷ 366
		{"2027-06-15T09:00:00Z", "C-1", "3", "3 pro at 120.00 = 256.72 EUR on 2027-06-15"},    // 261 ÷ 366
		{"2028-02-28T09:00:00Z", "C-1", "3", "3 pro at 120.00 = 2.95 EUR on 2028-02-28"},      // 3 ÷ 366
		{"2028-02-29T09:00:00Z", "C-1", "100", "100 pro at 120.00 = 65.75 EUR on 2028-02-29"}, // 2 ÷ 365: the year from 29 February ends on the 28th
		{"2028-03-01T23:59:59Z", "C-1", "1", "1 pro at 120.00 = 0.33 EUR on 2028-03-01"},      // 1 ÷ 365
		{"2027-06-15T09:00:00Z", "C-YEN", "1", "1 pro at 9000 = 6418 JPY on 2027-06-15"},      // 6418.03…
		{"2027-06-15T16:00:00Z", "C-YEN", "1", "1 pro at 9000 = 6393 JPY on 2027-06-16"},      // the 16th in Tokyo: 260 ÷ 366
		{"2027-06-15T06:59:59Z", "C-LA", "1", "1 pro at 100.00 = 71.58 USD on 2027-06-14"},    // the 14th in Los Angeles: 262 ÷ 366
		{"2027-06-15T07:00:00Z", "C-LA", "1", "1 pro at 100.00 = 71.31 USD on 2027-06-15"},
	} {
		w := ourWorld(t)
		w.must(lines(pacific)...)
		w.must("at "+c.at, "license.purchase new by=ada@north contract="+c.contract+" account=acme product=pro fulfil=new coterm_with=lic~1 quantity="+c.quantity)
		if got := w.news("charges", w.ledger.LastNo-1)[0]; got != "purchase for acme: "+c.want {
			t.Errorf("at %s under %s: %s, want %s", c.at, c.contract, got, c.want)
		}
		if l := w.ledger.Licenses["new~1"]; l.ExpiresOn != date(t, "2028-03-02") || l.StartsOn.String() != c.want[len(c.want)-10:] {
			t.Errorf("%s to %s", l.StartsOn, l.ExpiresOn)
		}
	}
	rule(t, "the old batch is untouched, and must not have expired", `
		at 2028-03-01T23:59:59.999Z
		license.purchase new by=ada@north contract=C-1 account=acme product=pro fulfil=new coterm_with=lic~1 quantity=3
		new licenses
		= new~1 acme: 3 pro from 2028-03-01, before 2028-03-02
		at 2028-03-02T00:00:00Z
		license.purchase by=ada@north contract=C-1 account=acme product=pro fulfil=new coterm_with=lic~1 quantity=3 => license_expired`)
	rule(t, "without it three more are a batch with their own dates", `
		at 2028-02-20T09:00:00Z
		license.purchase new by=ada@north contract=C-1 account=acme product=pro fulfil=new quantity=3
		new licenses
		= new~1 acme: 3 pro from 2028-02-20, before 2029-02-20`)
}

func TestRule21RenewalFromTheOldEnd(t *testing.T) {
	t.Parallel()
	// lic~1 has 10: 2 allocated, 1 deployed
	for n, want := range []struct{ old, renewed string }{
		1: {"9 left, 1 allocated, 1 deployed", "1 renewed, 1 allocated, 0 deployed"},
		2: {"8 left, 0 allocated, 1 deployed", "2 renewed, 2 allocated, 0 deployed"},
		3: {"7 left, 0 allocated, 0 deployed", "3 renewed, 2 allocated, 1 deployed"},
		9: {"1 left, 0 allocated, 0 deployed", "9 renewed, 2 allocated, 1 deployed"},
	} {
		if n == 0 || want.old == "" {
			continue
		}
		w := ourWorld(t)
		w.must("learner.put id=l4 account=acme", fmt.Sprintf("license.renew r by=ada@north license=lic~1 quantity=%d", n))
		old, renewed := w.ledger.Licenses["lic~1"], w.ledger.Licenses["r~1"]
		if got := fmt.Sprintf("%d left, %d allocated, %d deployed", old.Quantity, old.Allocated, old.Deployed); got != want.old {
			t.Errorf("%d renewed: %s, want %s", n, got, want.old)
		}
		if got := fmt.Sprintf("%d renewed, %d allocated, %d deployed", renewed.Quantity, renewed.Allocated, renewed.Deployed); got != want.renewed {
			t.Errorf("%s, want %s", got, want.renewed)
		}
		if renewed.StartsOn != old.ExpiresOn || renewed.ExpiresOn != date(t, "2029-03-02") {
			t.Errorf("renewed from %s to %s", renewed.StartsOn, renewed.ExpiresOn)
		}
		// whoever has one keeps it, and what follows finds it
		w.must("deployment.retire by=mia@acme deployment=dep",
			"change learner l1 status=left",
			"license.reallocate by=mia@acme account=acme product=pro from=l1 to=l3",
			"license.allocate by=mia@acme account=acme product=pro learner=l4")
	}
	rule(t, "an expired batch is renewed from today", `
		license.renew r by=ada@north license=acmeold~1 quantity=4
		new licenses
		= r~1 acme: 4 pro from 2027-03-02, before 2028-03-02
		new charges
		= renewal for acme: 4 pro at 120.00 = 480.00 EUR on 2027-03-02`)
	rule(t, "renewed at the price of today, over 29 February", `
		change contract C-1 products=pro:term=99.99
		at 2027-06-01T00:00:00Z
		license.renew r by=ada@north license=lic~1 quantity=3
		new licenses
		= r~1 acme: 3 pro from 2028-03-02, before 2029-03-02, 1 deployed, 2 allocated
		new charges
		= renewal for acme: 3 pro at 99.99 = 299.97 EUR on 2027-06-01`)
}
