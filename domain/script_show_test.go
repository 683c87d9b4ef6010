package domain_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/licenseledger/licenseledger/domain"
)

func (s *script) say(format string, args ...any) {
	fmt.Fprintf(&s.out, "  "+format+"\n", args...)
}

// showOutcome writes what became of a command. That of the catalog is silent when applied.
func (s *script) showOutcome(o domain.Outcome, quiet bool) {
	when := ""
	if !o.At.Equal(s.at) {
		when = " at " + o.At.UTC().Format(time.RFC3339Nano)
	}
	if o.Status != domain.Applied {
		s.say("%s%s: %s", o.Reason, when, strings.ReplaceAll(o.Detail, "\n", "; "))
		return
	}
	if detail := o.Detail; !quiet || detail != "" || when != "" {
		if detail != "" {
			detail = ": " + detail
		}
		s.say("applied%s%s", when, detail)
	}
	var result map[string]json.RawMessage
	if err := json.Unmarshal(o.Result, &result); err != nil {
		s.fatalf("the result %s: %s", o.Result, err)
	}
	for _, name := range slices.Sorted(maps.Keys(result)) {
		var list []json.RawMessage
		if json.Unmarshal(result[name], &list) != nil {
			list = []json.RawMessage{result[name]}
		}
		for _, raw := range list {
			s.say("%s %s", name, readable(raw))
		}
	}
}

// readable writes an object as field=value in its own order.
func readable(raw json.RawMessage) string {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return strings.Trim(string(raw), `"`)
	}
	var parts []string
	for d.More() {
		name, _ := d.Token()
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return string(raw)
		}
		parts = append(parts, fmt.Sprintf("%s=%s", name, strings.Trim(string(value), `"`)))
	}
	return strings.Join(parts, " ")
}

// show lists a table, or a part of it: that of an account.
func (s *script) show(what string, of []string) {
	wanted := func(a domain.AccountID) bool { return len(of) == 0 || string(a) == of[0] }
	l := s.ledger
	switch what {
	case "lots":
		each(l.Lots, func(r domain.Lot) int64 { return r.No }, func(r domain.Lot) {
			if wanted(r.Account) {
				s.say("%s %s %s %s: %d of %d, %s to %s%s", r.Lot, r.Account, r.Product, r.Contract, r.Remaining, r.Quantity, r.PurchasedOn, r.ExpiresOn-1, mark(r.Expired, " expired"))
			}
		})
	case "licenses":
		each(l.Licenses, func(r domain.License) int64 { return r.No }, func(r domain.License) {
			if wanted(r.Account) {
				s.say("%s %s %s %s: %d, %s to %s%s%s%s", r.License, r.Account, r.Product, r.Contract, r.Quantity, r.StartsOn, r.ExpiresOn-1,
					count(r.Deployed, "deployed"), count(r.Allocated, "allocated"), mark(r.Expired, " expired"))
			}
		})
	case "orders":
		each(l.Orders, func(r domain.Order) int64 { return r.No }, func(r domain.Order) {
			if wanted(r.Account) {
				s.say("%s %s %s %s: %d %s", r.OrderID, r.Account, r.Product, r.Contract, r.Quantity, r.State)
			}
		})
	case "movements":
		for _, m := range l.Movements {
			s.say("%d %s from %s to %s", m.Quantity, m.Product, m.FromHolding, m.ToHolding)
		}
	case "charges":
		for _, c := range l.Charges {
			if wanted(c.Account) {
				s.say("%s", strings.Join(strings.Fields(fmt.Sprintf("%s %s: %s %d %s at %s = %s %s, %s, invoice of %.7s %s %s", c.Contract, c.Account, c.Kind, c.Quantity,
					c.Product, c.UnitPrice, c.Amount, c.Currency, c.EffectiveOn, c.Period, c.PurchaseOrder, c.Note)), " "))
			}
		}
	case "history":
		for _, h := range l.History {
			if wanted(h.Account) {
				s.showHistory(h)
			}
		}
	default:
		s.showAny(what, of)
	}
}

func (s *script) showHistory(h domain.HistoryEntry) {
	c, o := s.commands[h.Seq-1], s.outcome(h.Seq)
	who := string(c.Actor)
	if c.OnBehalfOf != "" {
		who += " for " + string(c.OnBehalfOf)
	}
	s.say("%s: %s %s by %s %s%s %s", h.Account, c.ID, c.Kind, who, o.Status, mark(o.Reason != "", " "+string(o.Reason)), o.Summary)
}

func (s *script) outcome(seq int64) domain.Outcome {
	for _, o := range s.ledger.Outcomes {
		if o.Seq == seq {
			return o
		}
	}
	return domain.Outcome{}
}

func (s *script) showAny(what string, of []string) {
	for _, table := range s.ledger.Tables() {
		if table.Name != what {
			continue
		}
		for _, row := range table.Rows {
			if len(of) == 0 || strings.Contains(" "+row+" ", "="+of[0]+" ") {
				s.say("%s", row)
			}
		}
		return
	}
	s.fatalf("there is no table %s", what)
}

// each visits rows in the order in which they came to be.
func each[K ~string, R any](rows map[K]R, no func(R) int64, visit func(R)) {
	keys := slices.SortedFunc(maps.Keys(rows), func(a, b K) int {
		if d := no(rows[a]) - no(rows[b]); d != 0 {
			return int(d)
		}
		return strings.Compare(string(a), string(b))
	})
	for _, k := range keys {
		visit(rows[k])
	}
}

func mark(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}

func count(n int64, what string) string { return mark(n != 0, fmt.Sprintf(", %d %s", n, what)) }
