package domain_test

import (
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

// kindCases has for every kind, in the world of world_test.go:
//
//	works FIELDS           a command that is applied
//	wrong FIELDS           one in which everything is wrong that can be wrong at once;
//	  REASON: FIELDS       below, the reason that is given, and what puts that right,
//	  REASON: | LINE       in the command or by another one, until it is applied
//	also REASON: FIELDS    a reason that excludes those above: the first command that
//	also REASON: F | LINE  works, with these fields instead, after these other commands
//
// A field without a value is left out. What every kind of a class has in common
// is not repeated here: see alike.
var kindCases = map[string]string{
	"seller.put": `
		works id=euro currency=EUR
		wrong id=lumen currency=USD by=nobody@north preview=stale
		  preview_stale: preview=
		  actor_not_found: by=ada@north
		  currency_mismatch: currency=`,
	"tax.put": `
		works country=IE rate=25 from=2027-01-01
		wrong country=IE rate=25 from=2027-01-01 by=nobody@north preview=stale
		  preview_stale: preview=
		  actor_not_found: by=ada@north`,
	"product.put": `
		works id=pro package=professional
		wrong id=pro package=starter term_months=3 by=nobody@north preview=stale
		  preview_stale: preview=
		  actor_not_found: by=ada@north
		  in_use: package=professional term_months=12`,
	"account.put": `
		works id=new kind=customer parent=north package=professional initial_order=C-1:pro:3
		works id=new kind=reseller parent=north
		wrong id=new kind=customer parent=nowhere package=starter trial=true status=closed initial_order=C-NONE:nothing:1 by=nobody@north preview=stale
		  preview_stale: preview=
		  actor_not_found: by=ada@north
		  account_not_found: parent=north
		  contract_not_found: initial_order=C-BAD:nothing:1
		  product_not_found: initial_order=C-BAD:pro:1
		  contract_inactive: | change contract C-BAD status=active
		  product_not_in_contract: | change contract C-BAD products=pro:flexible=9.00
		  plan_not_in_contract: | change contract C-BAD products=pro:term=90.00
		  purchase_order_required: initial_order=C-BAD:pro:1:PO-1
		  quantity_below_minimum: initial_order=C-BAD:pro:5:PO-1
		  account_closed: status=active
		  trial_account: trial=
		  package_mismatch: package=professional
		# a reseller with a contract becomes a customer with an order, of a closed parent, and its VAT another
		begin change account north status=closed
		wrong id=usd kind=customer parent=nowhere package=starter trial=true initial_order=C-NONE:nothing:1
		  account_not_found: parent=north
		  contract_not_found: initial_order=C-BAD:nothing:1
		  product_not_found: initial_order=C-1:pro:1
		  already_exists: initial_order=
		  in_use: kind=reseller package= trial=
		  currency_mismatch: address={"line1":"1","city":"B","postal_code":"1","country":"DE"} vat_number=DE1
		  account_closed: parent=atlas`,
	"user.put": `
		works id=new@acme account=acme roles=sales
		wrong id=new@acme account=nowhere roles=sales by=nobody@north preview=stale
		  preview_stale: preview=
		  actor_not_found: by=ada@north
		  account_not_found: account=acme`,
	"contract.put": `
		works id=C-NEW seller=euro reseller=north starts_on=2026-01-01 currency=EUR time_zone=Europe/Dublin create_permission=ada@north products=pro:term=1
		wrong id=C-1 seller=nobody reseller=nowhere starts_on=2026-01-01 currency=USD time_zone=Europe/Dublin create_permission=nobody@north products=nothing:term=1 by=nobody@north preview=stale
		  preview_stale: preview=
		  actor_not_found: by=ada@north
		  account_not_found: reseller=north
		  product_not_found: products=pro:term=1
		  seller_not_found: seller=euro
		  user_not_found: create_permission=ada@north
		  in_use: id=C-NEW
		  currency_mismatch: currency=EUR
		also account_not_found: reseller=acme`,
	"learner.put": `
		works id=new account=acme
		wrong id=new account=nowhere by=nobody@north preview=stale
		  preview_stale: preview=
		  actor_not_found: by=ada@north
		  account_not_found: account=acme`,
	"learner.erase": `
		works id=l1 account=acme
		wrong id=nobody account=nowhere by=nobody@north preview=stale
		  preview_stale: preview=
		  actor_not_found: by=ada@north
		  account_not_found: account=elm
		  learner_not_found: id=le1`,
	"charge.correct": `
		works contract=C-1 account=acme product=pro period=2027-01 amount=-1.50 why=late
		wrong contract=C-NONE account=nowhere product=nothing period=2027-01 amount=-1.50 why=late by=nobody@north preview=stale
		  preview_stale: preview=
		  actor_not_found: by=ada@north
		  account_not_found: account=zeta
		  contract_not_found: contract=C-YEN
		  product_not_found: product=pro
		  currency_mismatch: amount=-150
		  not_own_customer: account=acme`,

	"stock.purchase": `
		works by=ada@north contract=C-1 account=north product=pro quantity=3
		wrong by=nobody@north preview=stale for=nowhere contract=C-NONE account=nowhere product=nothing quantity=1
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for=acme account=acme
		  contract_not_found: contract=C-BAD
		  product_not_found: product=pro
		  permission_denied: by=ada@north
		  managing_mode: for= account=wreck
		  contract_inactive: | change contract C-BAD status=active
		  product_not_in_contract: | change contract C-BAD products=pro:flexible=9.00
		  plan_not_in_contract: | change contract C-BAD products=pro:term=90.00
		  purchase_order_required: purchase_order=PO-1
		  quantity_below_minimum: quantity=5
		  account_closed: | change account wreck status=active
		  not_own_account: account=north
		also account_closed: | change account north status=closed
		also permission_denied: by=sam@north`,
	"stock.transfer": `
		works by=ada@north from=north to=acme product=pro quantity=3 lot=stock~1
		works by=sam@north from=north to=fjord product=pro quantity=3
		wrong by=nobody@north preview=stale for=nowhere from=nowhere to=nowhere product=nothing quantity=900 lot=nothing
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for=acme from=north to=acme
		  product_not_found: product=pro
		  lot_not_found: lot=northold~1
		  permission_denied: by=sam@north
		  managing_mode: for= from=atlas to=wreck lot=
		  account_closed: | change account wreck status=active
		  not_own_account: from=north lot=northold~1
		  not_own_customer: to=cedar
		  trial_account: | change account cedar trial=false
		  package_mismatch: | change account cedar package=professional
		  stock_expired: lot=stock~1
		  insufficient_stock: quantity=100
		also lot_not_found: product=basic
		also insufficient_stock: lot= quantity=900
		also managing_mode: for=fjord from=fjord to=elm lot= quantity=1`,
	"license.purchase": `
		works by=ada@north contract=C-1 account=acme product=pro quantity=3 fulfil=new coterm_with=lic~1
		works by=ada@north contract=C-1 account=north product=pro quantity=3 fulfil=stock
		wrong by=nobody@north preview=stale for=nowhere contract=C-NONE account=nowhere product=nothing quantity=1 coterm_with=nothing
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for=acme account=acme
		  contract_not_found: contract=C-BAD
		  product_not_found: product=pro
		  license_not_found: coterm_with=lic~1
		  permission_denied: by=ada@north
		  managing_mode: for= account=wreck coterm_with=wreckold~1
		  contract_inactive: | change contract C-BAD status=active
		  product_not_in_contract: | change contract C-BAD products=pro:flexible=9.00
		  plan_not_in_contract: | change contract C-BAD products=pro:term=90.00
		  purchase_order_required: purchase_order=PO-1
		  quantity_below_minimum: quantity=5
		  account_closed: | change account wreck status=active
		  not_own_customer: account=cedar coterm_with=cedarold~1
		  trial_account: | change account cedar trial=false
		  package_mismatch: | change account cedar package=professional
		  fulfil_required: fulfil=new
		  license_expired: coterm_with=
		also insufficient_stock: coterm_with= fulfil=stock quantity=900
		also license_not_found: coterm_with=own~1`,
	"license.renew": `
		works by=ada@north license=lic~1 quantity=3
		wrong by=nobody@north preview=stale for=nowhere license=nothing quantity=1
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for=cedar
		  license_not_found: license=cedarold~1
		  permission_denied: by=ada@north
		  managing_mode: for= license=wreckold~1
		  contract_inactive: | change contract C-BAD status=active
		  product_not_in_contract: | change contract C-BAD products=pro:flexible=9.00
		  plan_not_in_contract: | change contract C-BAD products=pro:term=90.00
		  purchase_order_required: purchase_order=PO-1
		  quantity_below_minimum: quantity=900
		  account_closed: | change account wreck status=active
		  not_own_customer: license=cedarold~1
		  trial_account: | change account cedar trial=false
		  package_mismatch: | change account cedar package=professional
		  insufficient_available: quantity=9`,
	"license.sell": `
		works by=sam@north from=north to=acme items=pro:3,pro:2:own~1
		wrong by=nobody@north preview=stale for=nowhere from=nowhere to=nowhere items=nothing:900,pro:900:nothing
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for=acme from=north to=acme
		  product_not_found: items=pro:900,pro:900:nothing
		  license_not_found: items=pro:900,pro:900:own~1,pro:900:ownold~1
		  permission_denied: by=sam@north
		  managing_mode: for= from=atlas to=wreck items=pro:900
		  account_closed: | change account wreck status=active
		  not_own_account: from=north items=pro:900,pro:900:own~1,pro:900:ownold~1
		  not_own_customer: to=cedar
		  trial_account: | change account cedar trial=false
		  package_mismatch: | change account cedar package=professional
		  insufficient_stock: items=pro:1,pro:900:own~1,pro:900:ownold~1
		  insufficient_available: items=pro:1,pro:1:own~1,pro:1:ownold~1
		  license_expired: items=pro:1,pro:1:own~1
		also license_not_found: items=pro:1:lic~1
		also license_not_found: items=basic:1:own~1
		also not_own_customer: to=fjord
		also insufficient_available: items=pro:900:ownold~1`,
	"license.pull": `
		works by=mia@acme account=acme from=elm items=pro:2,pro:1:elms~1
		wrong by=nobody@north preview=stale for=nowhere account=nowhere from=nowhere items=nothing:900,pro:900:nothing
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for= account=wreck from=north
		  product_not_found: items=pro:900,pro:900:nothing
		  license_not_found: items=pro:900,pro:900:own~1,pro:900:ownold~1
		  permission_denied: by=sam@north
		  account_closed: | change account wreck status=active
		  not_own_account: for=cedar account=cedar
		  trial_account: | change account cedar trial=false
		  package_mismatch: | change account cedar package=professional
		  accounts_not_linked: | account.link by=sam@north for=cedar account=cedar source=north approved_by=ada@north
		  insufficient_available: items=pro:1,pro:1:own~1,pro:1:ownold~1
		  license_expired: items=pro:1,pro:1:own~1
		also not_own_customer: by=ada@north for=elm account=elm from=acme items=pro:1
		also insufficient_available: by=mia@acme items=pro:900:elms~1
		also account_closed: | change account acme status=closed`,

	"account.link": `
		works by=ada@north account=north source=elm approved_by=eva@elm
		begin account.link by=ada@north account=north source=elm approved_by=eva@elm
		begin change account north status=closed
		wrong by=nobody@north preview=stale for=nowhere account=nowhere source=neverwas approved_by=nobody@north
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for= account=north
		  user_not_found: source=elm approved_by=eva@elm
		  permission_denied: by=sam@north
		  already_exists: source=cedar approved_by=cleo@cedar
		  account_closed: account=acme
		  not_own_account: account=north | change account north status=active
		also user_not_found: approved_by=mia@acme
		also user_not_found: source=north account=acme by=mia@acme approved_by=sam@north
		also not_own_customer: for=elm account=elm source=acme approved_by=mia@acme`,
	"account.unlink": `
		works by=mia@acme account=acme source=elm
		works by=eva@elm account=acme source=elm
		wrong by=nobody@north preview=stale for=nowhere account=nowhere source=nowhere
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for= account=acme source=cedar
		  permission_denied: by=sam@north
		  not_own_account: account=north
		  accounts_not_linked: | account.link by=ada@north account=north source=cedar approved_by=cleo@cedar
		also not_own_customer: by=ada@north for=elm`,
	"deployment.create": `
		works by=ada@north deployment=new account=north owner=acme items=pro:3,pro:2:own~1
		works by=ada@north deployment=new account=north owner=north items=pro:15
		wrong by=nobody@north preview=stale for=nowhere deployment=elmdep account=nowhere owner=nowhere items=nothing:900,pro:900:nothing
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for= account=atlas owner=wreck
		  product_not_found: items=pro:900,pro:900:nothing
		  license_not_found: items=pro:900
		  permission_denied: by=sam@north
		  already_exists: deployment=new
		  account_closed: | change account wreck status=active
		  not_own_account: account=north items=pro:900,pro:900:own~1,pro:900:ownold~1
		  not_own_customer: owner=cedar
		  trial_account: | change account cedar trial=false
		  package_mismatch: | change account cedar package=professional
		  insufficient_stock: items=pro:1,pro:900:own~1,pro:900:ownold~1
		  insufficient_available: items=pro:1,pro:1:own~1,pro:1:ownold~1
		  license_expired: items=pro:1,pro:1:own~1
		also insufficient_stock: owner=north items=pro:900
		also insufficient_available: by=mia@acme account=acme owner=acme items=pro:900
		also insufficient_available: owner=north items=pro:900:own~1
		also license_expired: owner=north items=pro:1:ownold~1`,
	"deployment.retire": `
		works by=mia@acme deployment=dep
		wrong by=nobody@north preview=stale for=nowhere deployment=nothing
		  preview_stale: preview=
		  actor_not_found: by=fay@north
		  account_not_found: for=
		  deployment_not_found: deployment=elmdep
		  permission_denied: by=sam@north
		  not_own_account: deployment=gone
		  deployment_retired: deployment=northdep
		also not_own_customer: by=ada@north for=elm deployment=elmdep`,
}

// refusal is one reason that is given, and what puts that right.
type refusal struct {
	reason domain.Reason
	fields []string // of the command
	lines  []string // other commands
}

// chain is a command that is wrong in every way.
type chain struct {
	begin []string
	wrong line
	steps []refusal
}

// kindCase is what kindCases says of a kind.
type kindCase struct {
	works  []line
	chains []chain
	also   []refusal
}

func casesOf(t *testing.T, kind jobs.Kind) kindCase {
	t.Helper()
	text, known := kindCases[kind.Name]
	if !known {
		t.Fatalf("%s has no cases; write them in kinds_test.go", kind.Name)
	}
	var c kindCase
	var begin []string
	for _, s := range lines(text) {
		word, rest, _ := strings.Cut(s, " ")
		switch word {
		case "works":
			c.works = append(c.works, read(kind.Name+" "+rest))
		case "begin":
			begin = append(begin, rest)
		case "wrong":
			c.chains = append(c.chains, chain{begin: begin, wrong: read(kind.Name + " " + rest)})
			begin = nil
		case "also":
			c.also = append(c.also, readRefusal(rest))
		default:
			last := &c.chains[len(c.chains)-1]
			last.steps = append(last.steps, readRefusal(s))
		}
	}
	if len(c.works) == 0 || len(c.chains) == 0 {
		t.Fatalf("%s has no command that works, or none that is wrong in every way", kind.Name)
	}
	return c
}

func readRefusal(text string) refusal {
	reason, rest, _ := strings.Cut(text, ":")
	parts := strings.Split(rest, "|")
	return refusal{domain.Reason(reason), split(parts[0]), lines(strings.Join(parts[1:], "\n"))}
}

// alike are the reasons that all kinds of a class give, by what is done to a
// command that works.
func alike(kind jobs.Kind, works line) []refusal {
	if kind.Class == domain.Control {
		return []refusal{{reason: domain.ClockNotAdjustable, lines: []string{"no-test-clock"}}}
	}
	cases := []refusal{
		{reason: domain.PreviewStale, fields: []string{"preview=stale"}},
		{reason: domain.ActorNotFound, fields: []string{"by=nobody@north"}},
	}
	if kind.Class == domain.Business {
		nobody := "by=fay@north" // a user who only reads
		if strings.HasSuffix(works.words["by"], "@acme") {
			nobody = "by=fin@acme"
		}
		cases = append(cases,
			refusal{reason: domain.AccountNotFound, fields: []string{"for=nowhere"}},
			refusal{reason: domain.AccountNotFound, fields: []string{"for=zeta"}},
			refusal{reason: domain.PermissionDenied, fields: []string{nobody}},
		)
	}
	return cases
}

// eachKind runs a test for every kind there is.
func eachKind(t *testing.T, test func(*testing.T, jobs.Kind, kindCase)) {
	for _, kind := range jobs.Kinds {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			test(t, kind, casesOf(t, kind))
		})
	}
}
