package jobs_test

import (
	"encoding/json"
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
	"github.com/licenseledger/licenseledger/internal/model/history"
	"github.com/licenseledger/licenseledger/jobs"
)

// TestStoredInvoicesAgreeWithARecomputation lives random histories of many
// contracts in one ledger: what is stored is what follows from the commands.
func TestStoredInvoicesAgreeWithARecomputation(t *testing.T) {
	seed := uint64(time.Now().UnixNano() % 1_000_000)
	if given, err := strconv.ParseUint(os.Getenv("LICENSELEDGER_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("LICENSELEDGER_SEED=%d", seed)
	scale, err := strconv.Atoi(os.Getenv("LICENSELEDGER_SCALE"))
	if err != nil {
		scale = 1
	}
	const contracts = 6
	histories := make([]history.History, contracts*scale)
	for i := range histories {
		first := time.Date(2027, time.Month(11+i%4), 1, 0, 0, 0, 0, time.UTC)
		histories[i] = rapid.Custom(func(t *rapid.T) history.History {
			return history.DrawFrom(t, fmt.Sprintf("h%d", i), first)
		}).Example(int(seed) + i)
	}
	l := start(t)
	histories, commands := together(histories)
	applied := l.live(commands, histories[0].Until)
	stored := l.storedMonths()
	months := 0
	for _, h := range histories {
		want := history.Recompute(h, func(id string) bool { return applied[id] })
		months += len(want)
		for _, m := range want {
			if got, want := stored[h.Contract+" "+m.Period], m.String(); got != want {
				t.Errorf("%s is invoiced\n%s\nrecomputed\n%s", h.Contract, got, want)
			}
		}
	}
	if months != len(stored) {
		t.Errorf("%d months are invoiced, recomputed %d", len(stored), months)
	}
	t.Logf("%d invoices agree", months)
	l.verify()
}

// together are the histories as they run in one ledger, and the commands of all
// of them in the order of their instants: rates are of all, and each history
// goes on until the last has ended.
func together(histories []history.History) (longer []history.History, all []history.Command) {
	var until time.Time
	for _, h := range histories {
		all = append(all, h.Commands...)
		if h.Until.After(until) {
			until = h.Until
		}
	}
	slices.SortStableFunc(all, func(a, b history.Command) int { return a.AcceptedAt.Compare(b.AcceptedAt) })
	for _, h := range histories {
		own := h.Commands
		h.Commands, h.Until = nil, until
		for _, c := range all {
			if slices.Contains(own, c) || strings.Contains(c.Line, `"kind":"tax.put"`) {
				h.Commands = append(h.Commands, c)
			}
		}
		longer = append(longer, h)
	}
	return longer, all
}

// live sends commands, each at its instant, and returns which were applied.
func (l *ledger) live(all []history.Command, until time.Time) (applied map[string]bool) {
	l.t.Helper()
	var commands []jobs.Command
	advance := func(to time.Time) {
		commands = append(commands, jobs.New(fmt.Sprintf("clock-%d", len(commands)), "", domain.AdvanceClock{To: to}))
	}
	var now time.Time
	for _, c := range all {
		if !c.AcceptedAt.Equal(now) {
			now = c.AcceptedAt
			advance(now)
		}
		commands = append(commands, parse(l.t, c.Line))
	}
	advance(until)
	applied = map[string]bool{}
	for _, o := range l.run(commands) {
		applied[o.ID] = o.Status == domain.Applied
	}
	return applied
}

// storedMonths reads the invoices as finance gets them, by contract and period.
func (l *ledger) storedMonths() map[string]string {
	l.t.Helper()
	stored := map[string]string{}
	for _, doc := range l.texts(`SELECT convert_from(content, 'UTF8') FROM documents WHERE format = 'json'`) {
		var i struct {
			Contract, Period, Net, Total string

			VAT      []struct{ Category, Rate, Base, Amount string }
			VATTotal string `json:"vat_total"`
		}
		check(l.t, json.Unmarshal([]byte(doc), &i))
		m := history.Month{Period: i.Period, Net: l.number(i.Net), VATTotal: l.number(i.VATTotal), Total: l.number(i.Total)}
		for _, v := range i.VAT {
			m.VAT = append(m.VAT, history.VAT{Category: v.Category, Rate: l.number(v.Rate), Base: l.number(v.Base), Amount: l.number(v.Amount)})
		}
		stored[i.Contract+" "+i.Period] = m.String()
	}
	return stored
}

func (l *ledger) number(text string) *big.Rat {
	l.t.Helper()
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		l.t.Fatalf("%q is not a number", text)
	}
	return n
}
