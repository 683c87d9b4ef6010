package domain_test

import (
	"testing"

	"github.com/licenseledger/licenseledger/domain"
)

func TestRules37And38SeatsAndCap(t *testing.T) {
	t.Parallel()
	// flex of acme: 3 seats, cap 8
	rule(t, "up and down, by customer or reseller, up to the cap", `
		seats.change by=mia@acme subscription=flex delta=5
		seats.change by=mia@acme subscription=flex delta=1 => cap_exceeded
		seats.change by=sam@north subscription=flex delta=-8
		seats.change by=sam@north subscription=flex delta=-1 => insufficient_available
		seats.change by=ada@north for=acme subscription=flex delta=8
		new charges`)
	rule(t, "only the reseller changes the cap", `
		cap.change by=mia@acme subscription=flex cap=20 => permission_denied
		cap.change by=ada@north for=acme subscription=flex cap=20 => managing_mode
		cap.change by=sam@north subscription=flex cap=2 => cap_below_seats
		cap.change by=sam@north subscription=flex cap=3
		seats.change by=mia@acme subscription=flex delta=1 => cap_exceeded
		cap.change by=sam@north subscription=flex cap=20
		seats.change by=mia@acme subscription=flex delta=17
		new charges
		new mail`)
	rule(t, "the cap is not above the contract's maximum", `
		change contract C-1 max_seats_per_customer=20
		cap.change by=sam@north subscription=flex cap=21 => contract_limit_exceeded
		cap.change by=sam@north subscription=flex cap=20
		subscription.start by=ada@north subscription=new contract=C-1 account=acme product=pro plan=flexible seats=1 cap=21 => contract_limit_exceeded
		subscription.start by=ada@north subscription=new contract=C-1 account=acme product=pro plan=flexible seats=2 cap=1 => cap_exceeded
		subscription.start by=ada@north subscription=new contract=C-1 account=acme product=pro plan=flexible seats=2 cap=2`)
	rule(t, "an annual plan has no cap, a flexible one no renewal", `
		cap.change by=sam@north subscription=year cap=20 => plan_mismatch
		renewal.change by=ada@north subscription=flex renewal=end => plan_mismatch
		seats.request by=mia@acme subscription=flex quantity=1 => plan_mismatch
		subscription.start by=ada@north subscription=new contract=C-1 account=acme product=pro plan=annual_monthly seats=1 cap=2 => plan_mismatch
		subscription.start by=ada@north subscription=new contract=C-1 account=acme product=pro plan=flexible seats=1 cap=2 renewal=end => plan_mismatch`)
}

func TestRule39AnnualSeatsOnlyGoUp(t *testing.T) {
	t.Parallel()
	// year of acme: 4 seats, annual_yearly from 2027-03-02
	rule(t, "they are committed", `
		seats.change by=mia@acme subscription=year delta=-1 => seats_committed
		seats.change by=ada@north subscription=year delta=-1 => seats_committed`)
	rule(t, "the reseller adds, for the days that are left", `
		change contract C-1 products=pro:annual_yearly=999
		at 2027-09-10T09:00:00Z
		seats.change by=ada@north subscription=year delta=2
		new charges
		= seats for acme: 2 pro at 110.00 = 104.59 EUR on 2027-09-10
		seats.change by=sam@north subscription=year delta=1 => permission_denied
		seats.change by=mia@acme subscription=year delta=1 => permission_denied
		seats.change by=ada@north for=acme subscription=year delta=1 => managing_mode`)
	rule(t, "the customer asks, once the reseller has its link", `
		change account north purchase_link=null
		seats.request by=mia@acme subscription=year quantity=2 => links_not_configured
		change account north purchase_link=https://north.example
		seats.request by=ada@north subscription=year quantity=2 => permission_denied
		seats.request q by=mia@acme subscription=year quantity=2
		seats.request r by=ada@north for=acme subscription=year quantity=1
		new mail
		= order.requested to ada@north
		= order.requested to ada@north
		order.assign by=ada@north order=q fulfil=new => plan_mismatch
		order.assign by=ada@north order=q
		new charges
		= seats for acme: 2 pro at 110.00 = 220.00 EUR on 2027-03-02
		order.assign by=ada@north order=q
		order.reject by=sam@north order=q why=late => order_not_requested
		order.cancel by=mia@acme order=r
		order.assign by=ada@north order=r => order_not_requested`)
}

func TestRule40TheMaximumBindsTheSum(t *testing.T) {
	t.Parallel()
	// acme has 3 flexible and 4 annual seats under C-1
	for _, c := range []struct {
		most   string
		line   string
		reason domain.Reason
	}{
		{"8", "seats.change by=mia@acme subscription=flex delta=1", ""},
		{"8", "seats.change by=mia@acme subscription=flex delta=2", domain.ContractLimitExceeded},
		{"8", "seats.change by=ada@north subscription=year delta=2", domain.ContractLimitExceeded},
		{"8", "seats.change by=ada@north subscription=year delta=1", ""},
		{"8", "seats.request by=mia@acme subscription=year quantity=2", domain.ContractLimitExceeded},
		{"8", "seats.request by=mia@acme subscription=year quantity=1", ""},
		{"8", "order.assign by=ada@north order=seatorder", domain.ContractLimitExceeded}, // for 2
		{"9", "order.assign by=ada@north order=seatorder", ""},
		{"8", "subscription.start by=ada@north subscription=new contract=C-1 account=acme product=pro plan=annual_monthly seats=2", domain.ContractLimitExceeded},
		{"8", "subscription.start by=ada@north subscription=new contract=C-1 account=acme product=pro plan=annual_monthly seats=1", ""},
		{"8", "renewal.change by=ada@north subscription=year renewal=renew seats=6", domain.ContractLimitExceeded},
		{"8", "renewal.change by=ada@north subscription=year renewal=renew seats=5", ""},
		{"8", "license.purchase by=ada@north contract=C-1 account=acme product=pro quantity=50 fulfil=new", ""}, // licenses do not count
		{"8", "subscription.start by=ada@north subscription=new contract=C-1 account=quiet product=pro plan=annual_monthly seats=8", ""},
		{"8", "subscription.start by=ada@north subscription=new contract=C-1 account=quiet product=pro plan=annual_monthly seats=9", domain.ContractLimitExceeded},

		// lowered below what exists it refuses increases only
		{"2", "seats.change by=mia@acme subscription=flex delta=1", domain.ContractLimitExceeded},
		{"2", "seats.change by=mia@acme subscription=flex delta=-1", ""},
		{"2", "cap.change by=sam@north subscription=flex cap=9", domain.ContractLimitExceeded},
		{"2", "cap.change by=sam@north subscription=flex cap=7", ""},
		{"2", "renewal.change by=ada@north subscription=year renewal=renew seats=3", ""},
		{"2", "renewal.change by=ada@north subscription=year renewal=renew seats=4", ""},
		{"2", "renewal.change by=ada@north subscription=year renewal=end", ""},
		{"2", "subscription.end by=mia@acme subscription=flex", ""},
		{"0", "seats.change by=mia@acme subscription=flex delta=1", domain.ContractLimitExceeded},
	} {
		w := ourWorld(t)
		w.must("change contract C-1 max_seats_per_customer=" + c.most)
		w.refuses(c.line, c.reason)
	}
	rule(t, "seats that were let go count no more", `
		change contract C-1 max_seats_per_customer=7
		seats.change by=ada@north subscription=year delta=3 => contract_limit_exceeded
		subscription.end by=mia@acme subscription=flex
		seats.change by=ada@north subscription=year delta=3`)
	rule(t, "each contract counts for itself", `
		contract.put id=C-2 seller=lumen reseller=north starts_on=2026-01-01 currency=EUR time_zone=Europe/Dublin max_seats_per_customer=5 create_permission=ada@north products=pro:annual_monthly=9
		subscription.start by=ada@north subscription=new contract=C-2 account=acme product=pro plan=annual_monthly seats=5`)
}

func TestRule41EndOrRenewal(t *testing.T) {
	t.Parallel()
	type end struct {
		Renewal domain.Renewal
		Seats   int64
		Next    int64
		State   domain.SubscriptionState
	}
	for _, c := range []struct {
		lines []string
		id    domain.SubscriptionID
		want  end
	}{
		{nil, "year", end{domain.Renew, 4, 0, domain.SubscriptionRunning}},
		{[]string{"renewal.change by=ada@north subscription=year renewal=end"}, "year", end{domain.End, 4, 0, domain.SubscriptionRunning}},
		{[]string{"renewal.change by=ada@north subscription=year renewal=renew seats=2"}, "year", end{domain.Renew, 4, 2, domain.SubscriptionRunning}},
		{[]string{"renewal.change by=ada@north subscription=year renewal=renew seats=2", "subscription.end by=mia@acme subscription=year"}, "year", end{domain.End, 4, 0, domain.SubscriptionRunning}},
		{[]string{"subscription.end by=mia@acme subscription=year", "renewal.change by=ada@north subscription=year renewal=renew"}, "year", end{domain.Renew, 4, 0, domain.SubscriptionRunning}},
		{[]string{"subscription.end by=mia@acme subscription=flex"}, "flex", end{"", 0, 0, domain.SubscriptionOver}},
		{[]string{"seats.change by=mia@acme subscription=flex delta=-3", "subscription.end by=mia@acme subscription=flex"}, "flex", end{"", 0, 0, domain.SubscriptionOver}},
	} {
		w := ourWorld(t)
		w.must(c.lines...)
		x := w.ledger.Subscriptions[c.id]
		got := end{x.Renewal, x.Seats, 0, x.State}
		if x.RenewalSeats != nil {
			got.Next = *x.RenewalSeats
		}
		if got != c.want {
			t.Errorf("after %s: %+v, want %+v", c.lines, got, c.want)
		}
	}
	rule(t, "managers of customer and reseller hear that it ended, once", `
		subscription.end by=mia@acme subscription=flex
		new mail
		= subscription.ended to mia@acme
		= subscription.ended to ada@north
		subscription.end by=mia@acme subscription=flex => subscription_ended
		seats.change by=mia@acme subscription=flex delta=1 => subscription_ended
		seats.change by=mia@acme subscription=flex delta=-1 => insufficient_available
		cap.change by=ada@north subscription=flex cap=9 => subscription_ended
		subscription.start by=ada@north subscription=flex contract=C-1 account=acme product=pro plan=flexible seats=3 cap=8 => already_exists`)
}

// Rule 42: what a contract refuses that is not active, and what goes on.
func TestRule42ContractsThatAreNotActive(t *testing.T) {
	t.Parallel()
	refused := []string{
		"stock.purchase by=ada@north contract=C-1 account=north product=pro quantity=1",
		"license.purchase by=ada@north contract=C-1 account=acme product=pro quantity=1 fulfil=new",
		"license.purchase by=ada@north contract=C-1 account=acme product=pro quantity=1 fulfil=stock",
		"license.purchase by=ada@north contract=C-1 account=acme product=pro quantity=1 coterm_with=lic~1 fulfil=new",
		"license.renew by=ada@north license=lic~1 quantity=1",
		"order.request by=mia@acme contract=C-1 account=acme product=pro quantity=1",
		"account.put id=new kind=customer parent=north package=professional initial_order=C-1:pro:1",
		"order.assign by=ada@north order=order fulfil=new",
		"order.assign by=ada@north order=seatorder",
		"subscription.start by=ada@north subscription=new contract=C-1 account=acme product=pro plan=flexible seats=1 cap=2",
		"subscription.start by=ada@north subscription=new contract=C-1 account=acme product=pro plan=annual_monthly seats=1",
		"seats.change by=mia@acme subscription=flex delta=1",
		"seats.change by=ada@north subscription=year delta=1",
		"seats.request by=mia@acme subscription=year quantity=1",
		"cap.change by=ada@north subscription=flex cap=9",
	}
	goOn := []string{
		"stock.transfer by=ada@north from=north to=acme product=pro quantity=1",
		"stock.transfer by=ada@north from=north to=fjord product=pro quantity=1 lot=stock~1",
		"license.sell by=ada@north from=north to=acme items=pro:1,pro:1:own~1",
		"deployment.create by=ada@north deployment=new account=north owner=acme items=pro:1",
		"deployment.create by=ada@north deployment=new account=north owner=north items=pro:12",
		"deployment.retire by=mia@acme deployment=dep",
		"order.assign by=ada@north order=order fulfil=stock",
		"order.reject by=ada@north order=order why=no",
		"order.cancel by=mia@acme order=seatorder",
		"license.allocate by=mia@acme account=acme product=pro learner=l3",
		"license.reallocate by=mia@acme account=acme product=pro from=l2 to=l3",
		"seats.change by=mia@acme subscription=flex delta=-1",
		"cap.change by=ada@north subscription=flex cap=7",
		"renewal.change by=ada@north subscription=year renewal=end",
		"subscription.end by=mia@acme subscription=flex",
		"subscription.end by=mia@acme subscription=year",
	}
	for state, change := range map[string]string{
		"suspended":       "change contract C-1 status=suspended",
		"ended":           "change contract C-1 status=ended",
		"yet to start":    "change contract C-1 starts_on=2027-03-03",
		"over since then": "change contract C-1 ends_on=2027-03-01",
	} {
		for _, text := range refused {
			w := ourWorld(t)
			w.must(change)
			w.refuses(text, domain.ContractInactive)
		}
		for _, text := range goOn {
			w := ourWorld(t)
			w.must(change)
			if o := w.do(text); o.Status != domain.Applied {
				t.Errorf("under a contract that is %s, %s is %s", state, text, said(o))
			}
		}
	}
	// both its first and its last day are included, in its own zone
	for _, text := range append(refused, goOn...) {
		w := ourWorld(t)
		w.must("change contract C-1 starts_on=2027-03-02 ends_on=2027-03-02")
		w.must(text)
	}
	rule(t, "the day is the contract's own", `
		contract.put id=C-LA seller=lumen reseller=north starts_on=2027-04-01 ends_on=2027-04-30 currency=USD time_zone=America/Los_Angeles create_permission=ada@north products=pro:term=1
		at 2027-04-01T06:59:59Z
		stock.purchase by=ada@north contract=C-LA account=north product=pro quantity=1 => contract_inactive
		at 2027-04-01T07:00:00Z
		stock.purchase by=ada@north contract=C-LA account=north product=pro quantity=1
		at 2027-05-01T06:59:59Z
		stock.purchase by=ada@north contract=C-LA account=north product=pro quantity=1
		at 2027-05-01T07:00:00Z
		stock.purchase by=ada@north contract=C-LA account=north product=pro quantity=1 => contract_inactive`)
}

// A contract whose invoices would carry VAT in another currency than the
// seller's is refused, whichever command brings it about.
func TestVATIsTakenInOneCurrency(t *testing.T) {
	t.Parallel()
	in := func(country string) string {
		return `address={"line1":"1","city":"B","postal_code":"1","country":"` + country + `"}`
	}
	for _, c := range []struct {
		seller, reseller, number string
		rate                     bool // is one on file for the seller's country?
		reason                   domain.Reason
		why                      string
	}{
		{"IE", "IE", "", false, domain.CurrencyMismatch, "S: the same country"},
		{"IE", "IE", "IE1", false, domain.CurrencyMismatch, "S: the same country, VAT number or not"},
		{"IE", "DE", "", false, domain.CurrencyMismatch, "S: another country of the EU, no VAT number"},
		{"IE", "DE", "DE1", false, "", "AE: reverse charge"},
		{"GR", "EL", "EL1", false, domain.CurrencyMismatch, "S: Greece by either name"},
		{"IE", "GB", "", false, "", "G: outside the EU"},
		{"IE", "NO", "NO1", false, "", "G: outside the EU"},
		{"CH", "CH", "", true, domain.CurrencyMismatch, "S: a rate of the seller's own country is on file"},
		{"CH", "CH", "", false, "", "O: none is"},
		{"CH", "DE", "", true, "", "O: from outside the EU to another country"},
		{"GB", "IE", "IE1", true, "", "O: Great Britain left in 2021"},
	} {
		setup := func(sellerCurrency, sellerCountry, resellerCountry string) []string {
			number := ""
			if c.number != "" {
				number = " vat_number=" + c.number
			}
			all := []string{
				"seller.put id=s currency=" + sellerCurrency + " " + in(sellerCountry),
				"account.put id=r kind=reseller" + number + " " + in(resellerCountry),
			}
			if c.rate {
				all = append(all, "tax.put country="+c.seller+" rate=8 from=2024-01-01")
			}
			return all
		}
		const contract = "contract.put id=C seller=s reseller=r starts_on=2026-01-01 currency=USD time_zone=Europe/Dublin products=pro:term=1"

		byContract := newWorld(t, market)
		byContract.must(setup("EUR", c.seller, c.reseller)...)
		byContract.refuses(contract, c.reason)

		bySeller := newWorld(t, market)
		bySeller.must(setup("USD", c.seller, c.reseller)...)
		bySeller.must(contract)
		bySeller.refuses("change seller s currency=EUR", c.reason)
		bySeller.must("change seller s currency=") // in each contract's own

		byAccount := newWorld(t, market)
		byAccount.must(setup("EUR", c.seller, "JP")...)
		if o := byAccount.do(contract); o.Status == domain.Applied { // no VAT yet
			byAccount.refuses("change account r "+in(c.reseller), c.reason)
		}
		if t.Failed() {
			t.Fatalf("%s to %s %s: %s", c.seller, c.reseller, c.number, c.why)
		}
	}
}
