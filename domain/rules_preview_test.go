package domain_test

import (
	"crypto/sha256"
	"encoding/json"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/model"
	"github.com/licenseledger/licenseledger/internal/model/random"
	"github.com/licenseledger/licenseledger/jobs"
)

// hashed is a command with what stands for its content, as the journal has it.
func (w *world) hashed(l line) *domain.Envelope {
	l.id = "previewed"
	c := l.command()
	e := random.Envelope(c, int64(len(w.decided)+1), w.at)
	sum := sha256.Sum256([]byte(c.Kind + " " + string(c.Actor) + " " + string(c.OnBehalfOf) + " " + string(c.Body)))
	e.Hash = sum[:]
	return e
}

// carrying decides a command that carries a token, on a ledger of its own.
func (w *world) carrying(l line, token string) domain.Outcome {
	l.id = "previewed"
	ours := &world{clone(w.t, w.script)}
	e := ours.hashed(l)
	e.Preview = token
	return ours.ledger.Execute([]*domain.Envelope{e})[0]
}

// Rule 23: a preview says what the command then gives, and leaves no trace.
func TestRule23APreviewSaysWhatWouldBe(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, kind jobs.Kind, c kindCase) {
		if kind.Class == domain.Control {
			return // there is none
		}
		commands := c.works
		for _, r := range c.also { // refusals can be previewed, too
			if len(r.lines) == 0 {
				commands = append(commands, c.works[0].with(r.fields...))
			}
		}
		for _, l := range commands {
			w := ourWorld(t)
			before := w.ledger.Tables()
			p := w.ledger.Preview(w.hashed(l))
			if diff := model.Differences("before", before, "after", w.ledger.Tables()); diff != "" {
				t.Errorf("the preview of %v changes\n%s", l, diff)
			}
			o := w.carrying(l, p.Token)
			if said(p.Outcome) != said(o) || withoutTerms(t, p.Result) != withoutTerms(t, o.Result) {
				t.Errorf("%v would be %s %s\nand is %s %s", l, said(p.Outcome), p.Result, said(o), o.Result)
			}
		}
	})
}

// withoutTerms is a result without the contract, which previews alone show.
func withoutTerms(t *testing.T, result json.RawMessage) string {
	t.Helper()
	if result == nil {
		return ""
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(result, &members); err != nil {
		t.Fatal(err)
	}
	delete(members, "contract")
	text, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A token is good until something it relied on has changed, and only then.
func TestRule23Tokens(t *testing.T) {
	t.Parallel()
	const (
		transfer = "stock.transfer by=ada@north from=north to=acme product=pro quantity=3"
		purchase = "license.purchase by=ada@north contract=C-1 account=acme product=pro quantity=3 fulfil=new"
		coterm   = purchase + " coterm_with=lic~1"
		renewal  = "license.renew by=ada@north license=lic~1 quantity=3"
		seats    = "seats.change by=mia@acme subscription=flex delta=2"
		annual   = "seats.change by=ada@north subscription=year delta=2"
		assign   = "order.assign by=ada@north order=order fulfil=new"
		ending   = "subscription.end by=mia@acme subscription=flex"
		retire   = "deployment.retire by=mia@acme deployment=dep"
		pass     = "license.reallocate by=mia@acme account=acme product=pro from=l2 to=l3"
		own      = "license.sell by=ada@north from=north to=acme items=pro:2:own~1"
		terms    = "change contract C-1 products=pro:term=120.00:flexible=12.00:annual_monthly=10.00:annual_yearly=110.00"
		dearer   = "change contract C-1 products=pro:term=121.00:flexible=13.00:annual_monthly=10.00:annual_yearly=111.00"
		basic    = "stock.purchase by=ada@north contract=C-1 account=north product=basic quantity=2"
	)
	for _, c := range []struct {
		command, between string
		stale            bool
	}{
		{transfer, "", false},
		{transfer, basic, false},
		{transfer, "stock.purchase by=ada@north contract=C-1 account=north product=pro quantity=3", false}, // later stock
		{transfer, "stock.transfer by=ada@north from=north to=fjord product=pro quantity=3", true},
		{transfer, dearer, false}, // nothing is charged
		{transfer, "change account acme name=Acme", false},
		{transfer, "change account acme package=starter", true},
		{purchase, terms, false},
		{purchase, dearer, true},
		{purchase, "change contract C-1 finance_emails=new@north.example payment_terms_days=10", false},
		{purchase, "change contract C-1 ends_on=2027-12-31", true}, // a preview shows it
		{purchase, "change contract C-1 status=suspended", true},
		{purchase, "change contract C-1 products=pro:term=120.00", false}, // other prices
		{purchase, transfer, false},
		{coterm, dearer, true},
		{renewal, dearer, true},
		{renewal, "license.allocate by=mia@acme account=acme product=pro learner=l3 license=lic~1", true},
		{renewal, "deployment.retire by=mia@acme deployment=fulldep", false},
		{seats, "seats.change by=sam@north subscription=flex delta=1", true},
		{seats, "cap.change by=sam@north subscription=flex cap=9", true},
		{seats, annual, false},
		{seats, dearer, true},
		{annual, dearer, false}, // its term's price
		{annual, seats, false},
		{assign, dearer, true},
		{assign, "order.cancel by=mia@acme order=order", true},
		{assign, "order.cancel by=mia@acme order=bigorder", false},
		{assign, assign, true},
		{ending, seats, true},
		{retire, retire, true},
		{retire, "license.allocate by=mia@acme account=acme product=pro learner=l3 license=lic~1", true},
		{pass, "change learner l2 last_login_at=2027-03-01T00:00:00Z", true}, // refused now
		{own, "deployment.create by=ada@north deployment=new account=north owner=north items=pro:1:own~1", true},
		{own, transfer, false},
	} {
		w := ourWorld(t)
		p := w.ledger.Preview(w.hashed(read(c.command)))
		if c.between != "" {
			w.must(c.between)
		}
		if o := w.carrying(read(c.command), p.Token); (o.Reason == domain.PreviewStale) != c.stale {
			t.Errorf("%s\nafter %s\nis %s; stale is %v", c.command, c.between, said(o), c.stale)
		}
	}
}

// The product's term decides the dates that a preview shows.
func TestRule23TheTermOfAProduct(t *testing.T) {
	t.Parallel()
	w := ourWorld(t)
	buy := read("license.purchase by=ada@north contract=C-1 account=blue product=basic quantity=1")
	p := w.ledger.Preview(w.hashed(buy))
	w.must("change product basic name=Other")
	if o := w.carrying(buy, p.Token); o.Status != domain.Applied {
		t.Error(said(o))
	}
	w.must("change product basic term_months=1")
	if o := w.carrying(buy, p.Token); o.Reason != domain.PreviewStale {
		t.Error(said(o))
	}
}

// A token is good for the content it was given for: who, on whose behalf, what.
func TestRule23OtherContent(t *testing.T) {
	t.Parallel()
	w := ourWorld(t)
	seats := read("seats.change by=mia@acme subscription=flex delta=2")
	p := w.ledger.Preview(w.hashed(seats))
	for _, other := range []string{"delta=3", "by=sam@north", "by=ada@north for=acme", "subscription=year delta=2"} {
		if o := w.carrying(seats.with(split(other)...), p.Token); o.Reason != domain.PreviewStale {
			t.Errorf("with %s it is %s", other, said(o))
		}
	}
}
