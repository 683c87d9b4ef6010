package domain_test

import (
	"testing"

	"github.com/licenseledger/licenseledger/domain"
)

func TestRules25And29OnlyWhatIsAvailable(t *testing.T) {
	t.Parallel()
	// own~1 of north has 10, of which northdep holds 1; lic~1 of acme 10: 2 allocated, 1 deployed
	rule(t, "available = quantity - deployed - allocated", `
		license.sell by=ada@north from=north to=acme items=pro:10:own~1 => insufficient_available
		deployment.create by=ada@north deployment=new account=north owner=north items=pro:10:own~1 => insufficient_available
		deployment.create by=mia@acme deployment=new account=acme owner=acme items=pro:8:lic~1 => insufficient_available
		license.sell s by=ada@north from=north to=acme items=pro:9:own~1
		license.sell by=ada@north from=north to=acme items=pro:1:own~1 => insufficient_available
		deployment.retire by=ada@north deployment=northdep
		license.sell by=ada@north from=north to=acme items=pro:1:own~1`)
	rule(t, "one command does not take the same twice", `
		license.sell by=ada@north from=north to=acme items=pro:5:own~1,pro:5:own~1 => insufficient_available
		deployment.create by=ada@north deployment=new account=north owner=north items=pro:5:own~1,pro:5:own~1 => insufficient_available
		license.sell by=ada@north from=north to=acme items=pro:60,pro:60 => insufficient_stock
		license.pull by=mia@acme account=acme from=elm items=pro:5:elms~1,pro:5 => insufficient_available
		license.pull by=mia@acme account=acme from=elm items=pro:5:elms~1,pro:3`)
	rule(t, "what a learner has cannot be pulled", `
		license.pull by=mia@acme account=acme from=elm items=pro:9 => insufficient_available
		license.pull p by=mia@acme account=acme from=elm items=pro:8
		new licenses
		= p~1 acme: 8 pro from 2027-03-02, before 2028-03-02`)
}

func TestRule26ADeploymentForACustomerIsASale(t *testing.T) {
	t.Parallel()
	rule(t, "one sale, one mail", `
		deployment.create d by=ada@north deployment=new name=Campus account=north owner=acme items=pro:3,pro:2:own~1
		new licenses
		= d~1 acme: 3 pro from 2027-03-02, before 2028-03-02, 3 deployed
		= d~2 acme: 2 pro from 2027-03-02, before 2028-03-02, 2 deployed
		new mail
		= license.sold to mia@acme
		new charges`)
	rule(t, "one's own is none", `
		deployment.create d by=ada@north deployment=new account=north owner=north items=pro:3
		new mail
		new licenses`)
	rule(t, "the owner or the creator retires it, and then the licenses are the owner's", `
		deployment.create d by=ada@north deployment=one account=north owner=acme items=pro:3
		deployment.create e by=ada@north deployment=two account=north owner=acme items=pro:3
		deployment.retire by=zoe@zeta deployment=one => deployment_not_found
		deployment.retire by=finn@fjord deployment=one => not_own_account
		deployment.retire by=mia@acme deployment=one
		deployment.retire by=sam@north deployment=two
		new licenses
		= d~1 acme: 3 pro from 2027-03-02, before 2028-03-02
		= e~1 acme: 3 pro from 2027-03-02, before 2028-03-02
		deployment.retire by=ada@north deployment=two => deployment_retired
		deployment.create by=ada@north deployment=two account=north owner=north items=pro:1 => already_exists
		license.allocate by=mia@acme account=acme product=pro learner=l3 license=d~1`)
}

func TestRule27WhereLicensesComeFrom(t *testing.T) {
	t.Parallel()
	const noStock = `
		stock.transfer by=ada@north from=north to=fjord product=pro quantity=100`
	rule(t, "transfer, sale and deployment for a customer take stock, not licenses", noStock+`
		stock.transfer by=ada@north from=north to=acme product=pro quantity=1 => insufficient_stock
		license.sell by=ada@north from=north to=acme items=pro:1 => insufficient_stock
		deployment.create by=ada@north deployment=new account=north owner=acme items=pro:1 => insufficient_stock
		license.purchase by=ada@north contract=C-1 account=acme product=pro quantity=1 fulfil=stock => insufficient_stock`)
	rule(t, "an item with a license takes that one, dates kept", noStock+`
		at 2027-08-01T09:00:00Z
		license.sell s by=ada@north from=north to=acme items=pro:4:own~1
		new licenses
		= s~1 acme: 4 pro from 2027-03-02, before 2028-03-02`)
	rule(t, "stock becomes licenses of a full term from that day", `
		at 2027-08-01T09:00:00Z
		license.sell s by=ada@north from=north to=acme items=pro:4
		new licenses
		= s~1 acme: 4 pro from 2027-08-01, before 2028-08-01`)
	rule(t, "a deployment of one's own takes available licenses first, then stock", `
		at 2027-08-01T09:00:00Z
		deployment.create d by=ada@north deployment=new account=north owner=north items=pro:12
		new licenses
		= d~1 north: 3 pro from 2027-08-01, before 2028-08-01, 3 deployed
		deployment.create by=ada@north deployment=more account=north owner=north items=pro:98 => insufficient_stock
		deployment.create by=ada@north deployment=more account=north owner=north items=pro:97`)
	rule(t, "a customer has no stock", `
		deployment.create by=mia@acme deployment=new account=acme owner=acme items=pro:8 => insufficient_available
		deployment.create by=mia@acme deployment=new account=acme owner=acme items=pro:7`)
	rule(t, "a reseller pulls stock first, then licenses, both as they are", `
		license.purchase more by=ada@north contract=C-1 account=north product=pro quantity=1 fulfil=new
		account.link by=finn@fjord account=fjord source=north approved_by=ada@north
		at 2027-08-01T09:00:00Z
		license.pull p by=finn@fjord account=fjord from=north items=pro:103
		new lots
		= p~1 fjord: 100 of 100 pro, before 2028-03-02
		new licenses
		= more~1 north: 1 pro from 2027-03-02, before 2028-03-02
		= p~2 fjord: 3 pro from 2027-03-02, before 2028-03-02
		new charges
		= purchase for north: 1 pro at 120.00 = 120.00 EUR on 2027-03-02
		new mail
		= account.linked to finn@fjord
		= account.linked to ada@north
		= license.pulled to ada@north`)
	rule(t, "a customer pulls licenses that end when the stock would have", `
		account.link by=mia@acme account=acme source=north approved_by=ada@north
		at 2027-08-01T09:00:00Z
		license.pull p by=mia@acme account=acme from=north items=pro:102
		new lots
		new licenses
		= p~1 acme: 100 pro from 2027-08-01, before 2028-03-02
		= p~2 acme: 2 pro from 2027-03-02, before 2028-03-02
		license.pull by=mia@acme account=acme from=north items=pro:8 => insufficient_available
		new charges`)
	rule(t, "the earliest expiry goes first, and what has expired does not count", `
		at 2027-05-01T09:00:00Z
		license.purchase late by=finn@fjord contract=C-FJORD account=elm product=pro quantity=5
		at 2028-03-01T09:00:00Z
		license.pull p by=mia@acme account=acme from=elm items=pro:9
		new licenses
		= late~1 elm: 4 pro from 2027-05-01, before 2028-05-01
		= p~1 acme: 8 pro from 2027-03-02, before 2028-03-02
		= p~2 acme: 1 pro from 2027-05-01, before 2028-05-01
		at 2028-03-02T09:00:00Z
		license.pull by=mia@acme account=acme from=elm items=pro:5 => insufficient_available
		license.pull by=mia@acme account=acme from=elm items=pro:4`)
}

func TestRule28Links(t *testing.T) {
	t.Parallel()
	rule(t, "one way, for the receiving account alone", `
		account.link by=mia@acme account=acme source=zeta approved_by=zoe@zeta
		new mail
		= account.linked to mia@acme
		= account.linked to zoe@zeta
		license.pull by=zoe@zeta account=zeta from=acme items=pro:1 => accounts_not_linked
		license.pull by=zoe@zeta account=acme from=zeta items=pro:1 => not_own_account
		license.pull by=mia@acme account=acme from=zeta items=pro:1
		new charges
		account.link by=mia@acme account=acme source=zeta approved_by=zoe@zeta => already_exists`)
	rule(t, "either side ends it, and then the other is not seen", `
		account.link by=mia@acme account=acme source=zeta approved_by=zoe@zeta
		account.unlink by=zoe@zeta account=acme source=zeta
		license.pull by=mia@acme account=acme from=zeta items=pro:1 => account_not_found
		account.unlink by=mia@acme account=acme source=zeta => account_not_found
		account.link by=mia@acme account=acme source=zeta approved_by=zoe@zeta
		account.unlink by=mia@acme account=acme source=zeta`)
	rule(t, "who is seen without a link is not linked", `
		license.pull by=ada@north account=north from=acme items=pro:1 => accounts_not_linked
		license.pull by=eva@elm account=elm from=acme items=pro:1 => accounts_not_linked
		account.unlink by=eva@elm account=elm source=acme => accounts_not_linked`)
	rule(t, "undeployed licenses only, of the receiver's package", `
		account.put id=starter kind=customer parent=rival package=starter
		user.put id=sue@starter account=starter roles=manager
		account.link by=sue@starter account=starter source=zeta approved_by=zoe@zeta
		license.pull by=sue@starter account=starter from=zeta items=pro:1 => package_mismatch`)
	for _, wrong := range []string{
		"source=neverwas approved_by=zoe@zeta", // no such source
		"source=zeta approved_by=nobody@zeta",  // no such user
		"source=zeta approved_by=rex@rival",    // a manager, but of another account
		"source=north approved_by=sam@north",   // of the account, but no manager
		"source=zeta approved_by=mia@acme",     // the receiver's own
	} {
		w := ourWorld(t)
		text := "account.link by=mia@acme account=acme " + wrong
		l := read(text)
		o := w.refuses(text, domain.UserNotFound)
		if o.Detail != "no manager "+l.words["approved_by"]+" of "+l.words["source"] {
			t.Errorf("%s: %s", text, o.Detail)
		}
	}
}

func TestRule30TheInitialOrderComesWithTheAccount(t *testing.T) {
	t.Parallel()
	rule(t, "its id is the command's", `
		account.put first id=new kind=customer parent=north package=professional initial_order=C-1:pro:3:PO-9
		account.put second via=shop id=newer kind=customer parent=north package=professional initial_order=C-1:pro:4
		new orders
		= first new: 3 pro requested
		= shop~second newer: 4 pro requested
		new mail
		= order.requested to ada@north
		= order.requested to ada@north
		order.assign a by=ada@north order=first fulfil=new
		new charges
		= purchase for new: 3 pro at 120.00 = 360.00 EUR on 2027-03-02`)
	for _, c := range []struct {
		fields string
		reason domain.Reason
	}{
		{"initial_order=C-NONE:pro:3", domain.ContractNotFound},
		{"initial_order=C-FJORD:pro:3", domain.ContractNotFound}, // of another reseller
		{"initial_order=C-1:nothing:3", domain.ProductNotFound},
		{"initial_order=C-BAD:pro:3", domain.ContractInactive},
		{"initial_order=C-YEN:basic:3", domain.ProductNotInContract},
		{"initial_order=C-FLEX:pro:3", domain.PlanNotInContract},
		{"initial_order=C-PO:pro:9", domain.PurchaseOrderRequired},
		{"initial_order=C-PO:pro:3:PO-1", domain.QuantityBelowMinimum},
		{"initial_order=C-1:pro:3 package=starter", domain.PackageMismatch},
		{"initial_order=C-1:pro:3 trial=true", domain.TrialAccount},
		{"initial_order=C-1:pro:3 status=closed", domain.AccountClosed},
	} {
		w := ourWorld(t)
		w.must(
			"contract.put id=C-FLEX seller=lumen reseller=north starts_on=2026-01-01 currency=EUR time_zone=Europe/Dublin products=pro:flexible=1",
			"contract.put id=C-PO seller=lumen reseller=north starts_on=2026-01-01 currency=EUR time_zone=Europe/Dublin purchase_order_required=true minimum_quantity=5 products=pro:term=1")
		w.refuses("account.put id=new kind=customer parent=north package=professional "+c.fields, c.reason)
		if _, exists := w.ledger.Accounts["new"]; exists {
			t.Errorf("with %s the account was created", c.fields)
		}
		w.must("account.put id=new kind=customer parent=north package=professional") // it is free still
		w.refuses("account.put id=new kind=customer parent=north package=professional initial_order=C-1:pro:3", domain.AlreadyExists)
	}
}

func TestRule31Assignment(t *testing.T) {
	t.Parallel()
	rule(t, "the term runs from the day of assignment", `
		at 2027-05-20T09:00:00Z
		order.assign a by=ada@north order=order fulfil=new
		new licenses
		= a~1 acme: 3 pro from 2027-05-20, before 2028-05-20
		at 2027-09-01T09:00:00Z
		license.allocate by=mia@acme account=acme product=pro learner=l3 license=a~1
		new licenses
		= a~1 acme: 3 pro from 2027-05-20, before 2028-05-20, 1 allocated
		new mail
		= license.assigned to mia@acme`)
	rule(t, "a customer may not, nor may its reseller for it", `
		order.assign by=mia@acme order=order fulfil=new => permission_denied
		order.assign by=ada@north for=acme order=order fulfil=new => managing_mode`)

	t.Run("again is applied with the first result", func(t *testing.T) {
		t.Parallel()
		w := ourWorld(t)
		first := w.do("order.assign a by=ada@north order=order fulfil=new")
		w.must("change contract C-1 status=ended", "change account acme status=closed", "at 2027-09-01T09:00:00Z")
		charges, movements, mails := len(w.ledger.Charges), len(w.ledger.Movements), len(w.ledger.Mail)
		for _, fulfil := range []string{"", "new", "stock"} {
			if again := w.do("order.assign by=ada@north order=order fulfil=" + fulfil); said(again) != "applied" || string(again.Result) != string(first.Result) {
				t.Errorf("%s %s, want %s", said(again), again.Result, first.Result)
			}
		}
		if len(w.ledger.Charges) != charges || len(w.ledger.Movements) != movements || len(w.ledger.Mail) != mails {
			t.Error("assigning again charges, moves or mails again")
		}
	})
	t.Run("without a manager the reseller's are mailed, and the outcome says so", func(t *testing.T) {
		t.Parallel()
		w := ourWorld(t)
		w.must("order.request o by=ada@north contract=C-1 account=quiet product=pro quantity=1")
		if o := w.do("order.assign by=ada@north order=o fulfil=new"); o.Detail != "quiet has no manager; the managers of north are mailed" {
			t.Errorf("%s %s", said(o), o.Detail)
		}
		w.tell(`
			new mail`)
		if last := w.ledger.Mail[len(w.ledger.Mail)-1]; last.Recipient != "ada@north" || last.Event != domain.MailAssigned {
			t.Errorf("%s to %s", last.Event, last.Recipient)
		}
	})
}

func TestRules34And35Learners(t *testing.T) {
	t.Parallel()
	rule(t, "one license for one learner and product", `
		license.allocate by=mia@acme account=acme product=pro learner=l1 => already_allocated
		license.allocate by=mia@acme account=acme product=pro learner=l3
		license.allocate by=mia@acme account=acme product=pro learner=l3 => already_allocated`)
	rule(t, "never more than is available", `
		license.purchase two by=ada@north contract=C-1 account=quiet product=pro quantity=1 fulfil=new
		learner.put id=a account=quiet
		learner.put id=b account=quiet
		license.allocate by=ada@north account=quiet product=pro learner=a
		license.allocate by=ada@north account=quiet product=pro learner=b => insufficient_available
		license.allocate by=ada@north account=quiet product=pro learner=b license=two~1 => insufficient_available`)
	rule(t, "never an expired one", `
		at 2028-03-02T00:00:00Z
		license.allocate by=mia@acme account=acme product=pro learner=l3 => insufficient_available
		license.allocate by=mia@acme account=acme product=pro learner=l3 license=lic~1 => license_expired`)
	rule(t, "until the last instant of its last day", `
		at 2028-03-01T23:59:59.999999Z
		license.allocate by=mia@acme account=acme product=pro learner=l3`)
	rule(t, "who has logged in keeps it until leaving", `
		license.reallocate by=mia@acme account=acme product=pro from=l1 to=l3 => learner_active
		change learner l1 status=left
		license.reallocate by=mia@acme account=acme product=pro from=l1 to=l3
		license.allocate by=mia@acme account=acme product=pro learner=l1 => learner_not_found
		change learner l1 status=active
		license.allocate by=mia@acme account=acme product=pro learner=l1`)
	rule(t, "who never came loses it, and the other gets the validity that remains", `
		at 2027-12-01T09:00:00Z
		license.reallocate r by=sam@north account=acme product=pro from=l2 to=l3
		license.reallocate by=mia@acme account=acme product=pro from=l2 to=l3 => license_not_found
		license.reallocate by=mia@acme account=acme product=pro from=l3 to=l1 => already_allocated
		license.reallocate by=mia@acme account=acme product=pro from=l3 to=l2
		new licenses
		new charges`)
	rule(t, "an expired license passes to nobody", `
		change learner l1 status=left
		at 2028-03-02T00:00:00Z
		license.reallocate by=mia@acme account=acme product=pro from=l1 to=l3 => license_not_found`)
}
