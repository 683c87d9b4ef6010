package history_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/model"
	"github.com/licenseledger/licenseledger/internal/model/history"
	"github.com/licenseledger/licenseledger/internal/model/random"
	"github.com/licenseledger/licenseledger/jobs"
)

// LICENSELEDGER_SCALE multiplies how many histories are tried.
func TestMain(m *testing.M) {
	flag.Parse()
	scale, err := strconv.Atoi(os.Getenv("LICENSELEDGER_SCALE"))
	if err != nil {
		scale = 1
	}
	const histories = 400
	for name, value := range map[string]string{
		"rapid.checks": strconv.Itoa(histories * scale), "rapid.shrinktime": "20s",
		"rapid.nofailfile": "true", // the seed is printed
	} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// TestInvoicesAgreeWithARecomputation lives random histories on the ledger in
// memory: every invoice is what follows from the commands day by day.
func TestInvoicesAgreeWithARecomputation(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		h := history.Draw(t, "h")
		l := live(t, h)
		l.count(seen)
		want := texts(history.Recompute(h, func(id string) bool { return l.applied[id] }))
		if diff := difference(want, texts(l.months)); diff != "" {
			t.Fatalf("%s%s", diff, l.story())
		}
	})
	t.Logf("%v", seen)
	worthIt(t, seen)
}

// worthIt wants everything to have happened that the recomputation is about.
func worthIt(t *testing.T, seen map[string]int) {
	t.Helper()
	for _, what := range []string{
		"subscription.start", "seats.change", "contract.put", "renewal.change", "subscription.end", "seats.request", "order.request", "order.assign",
		"cap.change", "stock.purchase", "stock.transfer", "license.purchase", "license.renew", "charge.correct", "tax.put", "coterm",
		"S", "AE", "G", "O", "two rates", "credit note", "no invoice", "renewed", "ended with its term", "invoice that had to wait",
	} {
		if seen[what] == 0 {
			t.Errorf("there was no %s", what)
		}
	}
}

func texts(months []history.Month) []string {
	lines := make([]string, len(months))
	for i, m := range months {
		lines[i] = m.String()
	}
	slices.Sort(lines)
	return lines
}

func difference(want, got []string) string {
	var text strings.Builder
	for _, line := range want {
		if !slices.Contains(got, line) {
			fmt.Fprintf(&text, "recomputed %s\n", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			fmt.Fprintf(&text, "invoiced   %s\n", line)
		}
	}
	return text.String()
}

// life is a history on the ledger in memory.
type life struct {
	t        *rapid.T
	h        history.History
	contract domain.ContractID
	ledger   *model.Ledger
	kinds    []string
	outcomes []domain.Outcome // of the commands
	applied  map[string]bool
	seq      int64
	waiting  []domain.Date // months that are sealed and not invoiced
	months   []history.Month
	empty    int
	waited   int
}

func live(t *rapid.T, h history.History) *life {
	l := &life{t: t, h: h, contract: domain.ContractID(h.Contract), ledger: model.New(), applied: map[string]bool{}}
	for from := 0; from < len(h.Commands); {
		at, to := h.Commands[from].AcceptedAt, from+1
		for to < len(h.Commands) && h.Commands[to].AcceptedAt.Equal(at) {
			to++
		}
		l.pass(at)
		l.send(h.Commands[from:to])
		l.invoice()
		from = to
	}
	l.pass(h.Until)
	if wrong := l.ledger.Check(); len(wrong) > 0 {
		t.Fatalf("%v", wrong)
	}
	return l
}

// send decides the commands of one instant, those of one class at a time.
func (l *life) send(commands []history.Command) {
	var batch []*domain.Envelope
	decide := func() {
		for _, o := range l.ledger.Execute(batch) {
			if o.Reason == domain.Invalid {
				l.t.Fatalf("%s: %s", l.h.Commands[len(l.outcomes)].Line, o.Detail)
			}
			l.outcomes = append(l.outcomes, o)
			l.applied[l.h.Commands[len(l.outcomes)-1].ID] = o.Status == domain.Applied
		}
		batch = nil
	}
	for _, c := range commands {
		l.seq++
		e := l.envelope(c)
		if len(batch) > 0 && domain.ClassOf(batch[0].Kind) != domain.ClassOf(e.Kind) {
			decide()
		}
		batch = append(batch, e)
		l.kinds = append(l.kinds, e.Kind)
	}
	decide()
}

// parties are alike in many histories, and reading commands takes longer than deciding them.
var parties = map[string]domain.Envelope{}

func (l *life) envelope(c history.Command) *domain.Envelope {
	e, known := parties[c.Line]
	if !known {
		parsed := jobs.Command{Source: domain.DefaultSource}
		if err := json.Unmarshal([]byte(c.Line), &parsed); err != nil {
			l.t.Fatal(err)
		}
		e = *random.Envelope(parsed, 0, c.AcceptedAt)
		if slices.Contains([]string{"seller.put", "account.put", "user.put", "product.put"}, e.Kind) {
			parties[c.Line] = e
		}
	}
	e.Seq, e.AcceptedAt = l.seq, c.AcceptedAt
	return &e
}

// pass goes on to an instant and does on the way what falls due.
func (l *life) pass(to time.Time) {
	for {
		next := to
		billing, opened := l.ledger.Billing[l.contract]
		closing := opened && !billing.NextCloseAt.After(next)
		if closing {
			next = billing.NextCloseAt
		}
		if due := l.ledger.Due(next); len(due) > 0 {
			l.seq++
			e := due[0].Envelope(due[0].NextDueAt)
			e.Seq = l.seq
			if o := l.ledger.Execute([]*domain.Envelope{e})[0]; o.Status != domain.Applied {
				l.t.Fatalf("%s: %s %s", e.ID, o.Reason, o.Detail)
			}
			continue
		}
		if !closing {
			return
		}
		l.waiting = append(l.waiting, l.ledger.Seal(l.contract))
		l.invoice()
	}
}

// invoice makes the invoices of sealed months for which the rates are on file.
func (l *life) invoice() {
	l.waiting = slices.DeleteFunc(l.waiting, func(month domain.Date) bool {
		invoice, missing := l.ledger.InvoiceFacts(l.contract, month).Invoice()
		switch {
		case missing != nil:
			l.waited++
			return false
		case invoice == nil:
			l.empty++
		default:
			l.months = append(l.months, invoiced(invoice))
		}
		return true
	})
}

func invoiced(i *domain.Invoice) history.Month {
	m := history.Month{Period: domain.Period(i.Month).String(), Net: i.Net.Rat(), VATTotal: i.VATTotal.Rat(), Total: i.Total.Rat()}
	for _, v := range i.VAT {
		m.VAT = append(m.VAT, history.VAT{Category: string(v.Category), Rate: v.Rate.Rat(), Base: v.Base.Rat(), Amount: v.Amount.Rat()})
	}
	return m
}

// story is what happened, for whoever looks for a difference.
func (l *life) story() string {
	var text strings.Builder
	for i, c := range l.h.Commands {
		o := l.outcomes[i]
		fmt.Fprintf(&text, "%s %s %s %s\n", c.AcceptedAt.UTC().Format(time.RFC3339Nano), c.Line, o.Status, o.Reason)
	}
	zone := l.ledger.Contracts[l.contract].Zone()
	for _, c := range l.ledger.SeatChanges {
		fmt.Fprintf(&text, "seats: %s %s %+d = %d, ends term: %v\n", c.Subscription, c.EffectiveAt.In(zone).Format(time.RFC3339Nano), c.Delta, c.SeatsAfter, c.EndsTerm)
	}
	charges := slices.Clone(l.ledger.Charges)
	slices.SortFunc(charges, func(a, b domain.Charge) int { return cmp.Compare(a.EffectiveOn, b.EffectiveOn) })
	for _, c := range charges {
		fmt.Fprintf(&text, "charge: %s %s %s %d × %s = %s\n", c.EffectiveOn, c.Kind, c.Product, c.Quantity, c.UnitPrice, c.Amount)
	}
	return text.String()
}

func (l *life) count(seen map[string]int) {
	for i, o := range l.outcomes {
		line := l.h.Commands[i].Line
		if o.Status != domain.Applied {
			seen["refused: "+string(o.Reason)]++
			continue
		}
		seen[l.kinds[i]]++
		if strings.Contains(line, "coterm_with") {
			seen["coterm"]++
		}
	}
	for _, m := range l.months {
		seen["invoice"]++
		for _, v := range m.VAT {
			seen[v.Category]++
		}
		if len(m.VAT) > 1 {
			seen["two rates"]++
		}
		if m.Net.Cmp(new(big.Rat)) < 0 {
			seen["credit note"]++
		}
	}
	for _, x := range l.ledger.Subscriptions {
		if x.Term > 1 {
			seen["renewed"]++
		}
		if x.Plan != domain.Flexible && x.State != domain.SubscriptionRunning {
			seen["ended with its term"]++
		}
	}
	seen["no invoice"] += l.empty
	seen["invoice that had to wait"] += l.waited
}
