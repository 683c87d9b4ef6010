package domain_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

// The world of the tests of every kind: a market that all see, the chain
// atlas > north > fjord with its customers ("ours"), and a rival whom none of
// ours sees, nor he them ("theirs"). Commands are written as in testdata/README.md.
const (
	market = `
		at 2026-01-01T00:00:00Z
		seller.put id=lumen
		seller.put id=euro currency=EUR
		tax.put country=IE rate=23 from=2021-03-01
		product.put id=pro package=professional
		product.put id=basic package=starter`

	ours = `
		account.put id=atlas kind=reseller
		account.put id=north kind=reseller parent=atlas purchase_link=https://north.example/buy
		account.put id=fjord kind=reseller parent=north purchase_link=https://fjord.example/buy
		account.put id=acme kind=customer parent=north package=professional
		account.put id=blue kind=customer parent=north package=starter
		account.put id=cedar kind=customer parent=north package=professional
		account.put id=wreck kind=customer parent=north package=professional
		account.put id=quiet kind=customer parent=north package=professional
		account.put id=elm kind=customer parent=fjord package=professional
		account.put id=usd kind=reseller vat_number=DE1 address={"line1":"1","city":"B","postal_code":"1","country":"DE"}
		user.put id=olga@atlas account=atlas roles=manager
		user.put id=ada@north account=north roles=manager,sales
		user.put id=sam@north account=north roles=sales
		user.put id=fay@north account=north roles=finance
		user.put id=finn@fjord account=fjord roles=manager
		user.put id=mia@acme account=acme roles=manager
		user.put id=fin@acme account=acme roles=finance
		user.put id=cleo@cedar account=cedar roles=manager
		user.put id=eva@elm account=elm roles=manager
		contract.put id=C-1 seller=lumen reseller=north starts_on=2026-01-01 currency=EUR time_zone=Europe/Dublin create_permission=ada@north products=pro:term=120.00:flexible=12.00:annual_monthly=10.00:annual_yearly=110.00,basic:term=60.00
		contract.put id=C-BAD seller=lumen reseller=north starts_on=2026-01-01 currency=EUR time_zone=Europe/Dublin create_permission=ada@north products=pro:term=100.00:flexible=12.00:annual_monthly=10.00:annual_yearly=110.00
		contract.put id=C-YEN seller=lumen reseller=north starts_on=2026-01-01 currency=JPY time_zone=Asia/Tokyo create_permission=ada@north products=pro:term=9000
		contract.put id=C-FJORD seller=lumen reseller=fjord starts_on=2026-01-01 currency=EUR time_zone=Europe/Oslo create_permission=finn@fjord products=pro:term=130.00:flexible=13.00:annual_monthly=11.00
		contract.put id=C-USD seller=euro reseller=usd starts_on=2026-01-01 currency=USD time_zone=Europe/Berlin create_permission= products=pro:term=1.00

		at 2026-01-05T09:00:00Z
		stock.purchase northold by=ada@north contract=C-1 account=north product=pro quantity=9
		license.purchase ownold by=ada@north contract=C-1 account=north product=pro quantity=9 fulfil=new
		license.purchase acmeold by=ada@north contract=C-1 account=acme product=pro quantity=9 fulfil=new
		license.purchase cedarold by=ada@north contract=C-BAD account=cedar product=pro quantity=9 fulfil=new
		license.purchase wreckold by=ada@north contract=C-BAD account=wreck product=pro quantity=9 fulfil=new
		subscription.start by=ada@north subscription=wreckflex contract=C-BAD account=wreck product=pro plan=flexible seats=3 cap=8
		subscription.start by=ada@north subscription=wreckyear contract=C-BAD account=wreck product=pro plan=annual_monthly seats=3
		subscription.start by=ada@north subscription=cedargone contract=C-BAD account=cedar product=pro plan=flexible seats=3 cap=8
		subscription.start by=ada@north subscription=cedarwas contract=C-BAD account=cedar product=pro plan=annual_monthly seats=3
		expire wreckflex
		expire wreckyear
		expire cedargone
		expire cedarwas

		at 2027-03-02T09:00:00Z
		learner.put id=l1 account=acme last_login_at=2027-01-01T00:00:00Z
		learner.put id=l2 account=acme
		learner.put id=l3 account=acme
		learner.put id=le1 account=elm last_login_at=2027-01-01T00:00:00Z
		learner.put id=le2 account=elm
		stock.purchase stock by=ada@north contract=C-1 account=north product=pro quantity=100
		license.purchase own by=ada@north contract=C-1 account=north product=pro quantity=10 fulfil=new
		license.purchase lic by=ada@north contract=C-1 account=acme product=pro quantity=10 fulfil=new
		license.purchase full by=ada@north contract=C-1 account=acme product=pro quantity=2 fulfil=new
		license.purchase elms by=finn@fjord contract=C-FJORD account=elm product=pro quantity=10
		subscription.start by=ada@north subscription=flex contract=C-1 account=acme product=pro plan=flexible seats=3 cap=8
		subscription.start by=ada@north subscription=year contract=C-1 account=acme product=pro plan=annual_yearly seats=4
		subscription.start by=finn@fjord subscription=elmflex contract=C-FJORD account=elm product=pro plan=flexible seats=3 cap=8
		subscription.start by=finn@fjord subscription=elmyear contract=C-FJORD account=elm product=pro plan=annual_monthly seats=3
		subscription.start by=ada@north subscription=cedarflex contract=C-BAD account=cedar product=pro plan=flexible seats=3 cap=8
		subscription.start by=ada@north subscription=cedaryear contract=C-BAD account=cedar product=pro plan=annual_yearly seats=3
		order.request order by=mia@acme contract=C-1 account=acme product=pro quantity=3
		order.request bigorder by=mia@acme contract=C-1 account=acme product=pro quantity=900
		order.request lost by=mia@acme contract=C-1 account=acme product=pro quantity=3
		order.reject by=ada@north order=lost why=no
		order.request elmorder by=eva@elm contract=C-FJORD account=elm product=pro quantity=3
		order.reject by=finn@fjord order=elmorder why=no
		order.request cedarorder by=cleo@cedar contract=C-BAD account=cedar product=pro quantity=3
		order.request cedarlost by=cleo@cedar contract=C-BAD account=cedar product=pro quantity=3
		order.reject by=ada@north order=cedarlost why=no
		seats.request seatorder by=mia@acme subscription=year quantity=2
		seats.request cedarseats by=cleo@cedar subscription=cedaryear quantity=2
		seats.request cedarnoseats by=cleo@cedar subscription=cedaryear quantity=2
		order.reject by=ada@north order=cedarnoseats why=no
		deployment.create by=mia@acme deployment=fulldep account=acme owner=acme items=pro:2:full~1
		deployment.create by=mia@acme deployment=dep account=acme owner=acme items=pro:1:lic~1
		deployment.create by=eva@elm deployment=elmdep account=elm owner=elm items=pro:1
		deployment.retire by=eva@elm deployment=elmdep
		deployment.create by=ada@north deployment=northdep account=north owner=north items=pro:1:own~1
		deployment.create by=ada@north deployment=gone account=north owner=north items=pro:1:own~1
		deployment.retire by=ada@north deployment=gone
		license.allocate by=mia@acme account=acme product=pro learner=l1 license=lic~1
		license.allocate by=mia@acme account=acme product=pro learner=l2 license=lic~1
		license.allocate by=eva@elm account=elm product=pro learner=le1
		license.allocate by=eva@elm account=elm product=pro learner=le2
		account.link by=mia@acme account=acme source=elm approved_by=eva@elm

		# cedar is on trial and of another package; wreck is closed too, and another reseller's
		change account cedar trial=true package=starter
		change account wreck parent=fjord status=closed trial=true package=starter
		change contract C-BAD status=suspended products=basic:term=50.00 purchase_order_required=true minimum_quantity=5 max_seats_per_customer=3`

	theirs = `
		at 2026-01-01T00:00:00Z
		account.put id=rival kind=reseller purchase_link=https://rival.example/buy
		account.put id=zeta kind=customer parent=rival package=professional
		user.put id=rex@rival account=rival roles=manager,sales
		user.put id=zoe@zeta account=zeta roles=manager
		contract.put id=C-RIVAL seller=lumen reseller=rival starts_on=2026-01-01 currency=EUR time_zone=Europe/Dublin create_permission=rex@rival products=pro:term=99.00:flexible=9.00
		at 2027-03-02T09:00:00Z
		learner.put id=ly account=zeta
		learner.put id=lz account=zeta
		stock.purchase rivalstock by=rex@rival contract=C-RIVAL account=rival product=pro quantity=50
		license.purchase zetalic by=rex@rival contract=C-RIVAL account=zeta product=pro quantity=10 fulfil=new
		license.allocate by=zoe@zeta account=zeta product=pro learner=lz
		order.request zetaorder by=zoe@zeta contract=C-RIVAL account=zeta product=pro quantity=3
		subscription.start by=rex@rival subscription=zetaflex contract=C-RIVAL account=zeta product=pro plan=flexible seats=3 cap=8
		deployment.create by=zoe@zeta deployment=zetadep account=zeta owner=zeta items=pro:1
		account.link by=rex@rival account=rival source=zeta approved_by=zoe@zeta`
)

// world is a ledger in memory that is told what to do line by line.
type world struct{ *script }

var (
	worlds  = map[string]*script{}
	worldMu sync.Mutex
)

// newWorld makes a world out of parts; everything in them must be applied.
func newWorld(t *testing.T, parts ...string) *world {
	t.Helper()
	worldMu.Lock()
	defer worldMu.Unlock()
	name := strings.Join(parts, "\n")
	if worlds[name] == nil {
		w := &world{newScript(t)}
		for _, line := range lines(name) {
			w.must(line)
		}
		worlds[name] = w.script
	}
	return &world{clone(t, worlds[name])}
}

func ourWorld(t *testing.T) *world {
	t.Helper()
	return newWorld(t, market, ours, theirs)
}

func lines(text string) []string {
	var all []string
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	return all
}

// clone makes a world that goes its own way.
func clone(t *testing.T, s *script) *script {
	c := newScript(t)
	c.commands, c.decided, c.bodies, c.at = slices.Clone(s.commands), slices.Clone(s.decided), maps.Clone(s.bodies), s.at
	from, to := reflect.ValueOf(s.ledger).Elem(), reflect.ValueOf(c.ledger).Elem()
	for i := range from.NumField() {
		switch field := from.Field(i); {
		case !to.Type().Field(i).IsExported():
		case field.Kind() == reflect.Map: // the ledger's tables know their maps, so these stay and are filled
			for _, key := range field.MapKeys() {
				to.Field(i).SetMapIndex(key, field.MapIndex(key))
			}
		default:
			to.Field(i).Set(field)
		}
	}
	for _, facts := range []any{
		&c.ledger.Movements, &c.ledger.SeatChanges, &c.ledger.Charges, &c.ledger.History, &c.ledger.Mail, &c.ledger.Erasures, &c.ledger.Outcomes,
		&c.ledger.Openings, &c.ledger.ContractPrices, &c.ledger.TermPrices,
	} {
		rows := reflect.ValueOf(facts).Elem()
		rows.Set(rows.Slice3(0, rows.Len(), rows.Len())) // appending copies
	}
	return c
}

// do has a line done and returns what became of it.
func (w *world) do(text string) domain.Outcome {
	w.t.Helper()
	switch words := split(text); words[0] {
	case "at", "test-clock":
		w.execute(text)
	case "no-test-clock":
		w.ledger.Clock = domain.Clock{}
	case "expire": // as when its last term is over
		id := domain.SubscriptionID(words[1])
		x := w.ledger.Subscriptions[id]
		x.State, x.Seats = domain.SubscriptionOver, 0
		w.ledger.Subscriptions[id] = x
	case "change": // puts a row of the catalog again, with some fields changed
		kind := words[1] + ".put"
		old, known := w.bodies[kind+" "+words[2]]
		if !known {
			w.t.Fatalf("no %s %s has been put", words[1], words[2])
		}
		return w.send(line{kind: kind, words: old}.with(words[3:]...))
	default:
		return w.send(read(text))
	}
	return domain.Outcome{Status: domain.Applied}
}

// must has lines done that have to be applied.
func (w *world) must(texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		if o := w.do(text); o.Status != domain.Applied {
			w.t.Fatalf("%s\nis refused: %s", text, said(o))
		}
	}
}

// refuses wants a line to be refused for a reason; without one, to be applied.
func (w *world) refuses(text string, reason domain.Reason) domain.Outcome {
	w.t.Helper()
	o := w.do(text)
	if o.Reason != reason {
		w.t.Errorf("%s\nis %s, want %s", text, said(o), said(domain.Outcome{Reason: reason}))
	}
	return o
}

func said(o domain.Outcome) string {
	if o.Reason == "" {
		return "applied"
	}
	return strings.TrimSuffix(string(o.Reason)+": "+o.Detail, ": ")
}

// send decides one command.
func (w *world) send(l line) domain.Outcome {
	w.t.Helper()
	if l.id == "" {
		l.id = shortID(len(w.decided) + 1)
	}
	o := w.sendCommand(l.command())
	if id := l.words["id"]; id != "" && o.Status == domain.Applied {
		w.bodies[l.kind+" "+id] = l.words // for change
	}
	return o
}

func (w *world) sendCommand(c jobs.Command) domain.Outcome {
	w.t.Helper()
	w.decide(c, false)
	w.out.Reset()
	o := w.ledger.Outcomes[len(w.ledger.Outcomes)-1]
	reasonIsListed(w.t, w.decided[len(w.decided)-1], o)
	w.addsUp()
	return o
}

// reasonIsListed wants what upstream is told of a kind's reasons to be all there are.
func reasonIsListed(t testing.TB, e *domain.Envelope, o domain.Outcome) {
	t.Helper()
	switch {
	case o.Reason == domain.Invalid:
		t.Errorf("%s %s is invalid: %s", e.Kind, e.ID, o.Detail)
	case o.Reason != "" && !slices.Contains(domain.ReasonsOf(e.Command), o.Reason):
		t.Errorf("%s gives %s, which its Doc does not list", e.Kind, said(o))
	}
}

// line is a command as it is written: KIND [ID] FIELD=VALUE….
type line struct {
	kind, id string
	words    fields
}

func (l line) String() string {
	text := l.kind
	for _, name := range slices.Sorted(maps.Keys(l.words)) {
		text += " " + name + "=" + l.words[name]
	}
	return text
}

func read(text string) line {
	words := split(text)
	l := line{kind: words[0]}
	if words = words[1:]; len(words) > 0 && !strings.Contains(words[0], "=") {
		l.id, words = words[0], words[1:]
	}
	return l.with(words...)
}

// with changes fields; one that is empty goes.
func (l line) with(words ...string) line {
	l.words = maps.Clone(l.words)
	if l.words == nil {
		l.words = fields{}
	}
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		l.words[name] = value
		if value == "" && name != "roles" && name != "create_permission" {
			delete(l.words, name)
		}
	}
	return l
}

func (l line) command() jobs.Command {
	kind, known := jobs.KindNamed(l.kind)
	if !known {
		panic("no kind " + l.kind)
	}
	body := l.words.with(boring(l.kind))
	c := jobs.Command{
		ID: l.id, Kind: l.kind, Source: domain.DefaultSource, Preview: body["preview"],
		Actor: domain.UserID(body["by"]), OnBehalfOf: domain.AccountID(body["for"]),
	}
	if source := body["via"]; source != "" {
		c.Source = source
	}
	for _, name := range []string{"by", "for", "via", "preview"} {
		delete(body, name)
	}
	c.Body = body.json(kind.Fields())
	return c
}

// tell has a story done. A line is a command that must be applied, unless it
// ends with => and the reason why it is not. "new TABLE" lists what the story
// has brought, line by line behind "=": charges, licenses, lots, mail or orders.
func (w *world) tell(story string) {
	w.t.Helper()
	begun, all := w.ledger.LastNo, lines(story)
	for at := 0; at < len(all); at++ {
		text, reason, refused := strings.Cut(all[at], " => ")
		table, isNew := strings.CutPrefix(text, "new ")
		switch {
		case isNew:
			var want []string
			for at+1 < len(all) && strings.HasPrefix(all[at+1], "= ") {
				at++
				want = append(want, all[at][2:])
			}
			if got := w.news(table, begun); !slices.Equal(got, want) {
				w.t.Errorf("new %s are\n  %s\nwant\n  %s", table, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
			}
		case refused:
			w.refuses(text, domain.Reason(reason))
		default:
			w.must(text)
		}
	}
}

// news lists what a table has got since a command.
func (w *world) news(table string, since int64) (rows []string) {
	say := func(no int64, format string, args ...any) {
		if no > since {
			rows = append(rows, strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " "))
		}
	}
	l := w.ledger
	switch table {
	case "charges":
		for _, c := range l.Charges {
			say(c.No, "%s for %s: %d %s at %s = %s %s on %s", c.Kind, c.Account, c.Quantity, c.Product, c.UnitPrice.String(), domain.Money(c.Amount, string(c.Currency)), c.Currency, c.EffectiveOn)
		}
	case "mail":
		for _, m := range l.Mail {
			say(m.No, "%s to %s", m.Event, m.Recipient)
		}
	case "licenses":
		each(l.Licenses, func(r domain.License) int64 { return r.No }, func(r domain.License) {
			say(r.No, "%s %s: %d %s from %s, before %s%s%s", r.License, r.Account, r.Quantity, r.Product, r.StartsOn, r.ExpiresOn, count(r.Deployed, "deployed"), count(r.Allocated, "allocated"))
		})
	case "lots":
		each(l.Lots, func(r domain.Lot) int64 { return r.No }, func(r domain.Lot) {
			say(r.No, "%s %s: %d of %d %s, before %s", r.Lot, r.Account, r.Remaining, r.Quantity, r.Product, r.ExpiresOn)
		})
	case "orders":
		each(l.Orders, func(r domain.Order) int64 { return r.No }, func(r domain.Order) {
			say(r.No, "%s %s: %d %s %s", r.OrderID, r.Account, r.Quantity, r.Product, r.State)
		})
	default:
		w.t.Fatalf("no table %s", table)
	}
	return rows
}

// addsUp wants the counts of every batch to be those of its allocations and
// deployments (rules 25 and 29).
func (w *world) addsUp() {
	w.t.Helper()
	allocated, deployed := map[domain.LicenseID]int64{}, map[domain.LicenseID]int64{}
	for _, a := range w.ledger.Allocations {
		if a.EndedOn == 0 {
			allocated[a.License]++
		}
	}
	for _, x := range w.ledger.Deployments {
		for _, item := range x.Items {
			if x.State == domain.DeploymentActive {
				deployed[item.License] += item.Quantity
			}
		}
	}
	for id, l := range w.ledger.Licenses {
		if l.Allocated != allocated[id] || l.Deployed != deployed[id] {
			w.t.Errorf("%s has %d allocated and %d deployed; its allocations are %d, its deployments hold %d", id, l.Allocated, l.Deployed, allocated[id], deployed[id])
		}
	}
}

// rule tells a story in our world.
func rule(t *testing.T, name, story string) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		ourWorld(t).tell(story)
	})
}
