package model

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/licenseledger/licenseledger/domain"
)

// Billing is how far the months of a contract are closed.
type Billing struct {
	NextCloseAt   time.Time
	SealedThrough domain.Date // last day of the last closed month; none at first
}

// open begins the months of a contract; before one is closed, another zone may
// let them end at other instants.
func (l *Ledger) open(o domain.BillingOpening) {
	b, known := l.Billing[o.Contract]
	if !known || b.SealedThrough == 0 && b.NextCloseAt.After(o.At) {
		b.NextCloseAt = o.NextCloseAt
	}
	l.Billing[o.Contract] = b
}

// Due lists what has fallen due by an instant, the oldest first.
func (l *Ledger) Due(by time.Time) []domain.Due {
	var due []domain.Due
	add := func(table, id string, contract domain.ContractID, at *time.Time, endsOn domain.Date) {
		if at != nil && !at.After(by) {
			due = append(due, domain.Due{SourceTable: table, ID: id, NextDueAt: *at, EndsOn: endsOn, TimeZone: l.Contracts[contract].TimeZone})
		}
	}
	for id, x := range l.Lots {
		add("lot", string(id), x.Contract, x.NextDueAt, x.ExpiresOn)
	}
	for id, x := range l.Licenses {
		add("license", string(id), x.Contract, x.NextDueAt, x.ExpiresOn)
	}
	for id, x := range l.Subscriptions {
		add("subscription", string(id), x.Contract, x.NextDueAt, x.TermEndsOn)
	}
	turn := map[string]int{"lot": 1, "license": 2, "subscription": 3}
	slices.SortFunc(due, func(a, b domain.Due) int {
		return cmp.Or(a.NextDueAt.Compare(b.NextDueAt), cmp.Compare(turn[a.SourceTable], turn[b.SourceTable]), cmp.Compare(a.ID, b.ID))
	})
	return due
}

// Seal closes the month of a contract that ends next, and returns its first day.
func (l *Ledger) Seal(contract domain.ContractID) domain.Date {
	b, zone := l.Billing[contract], l.Contracts[contract].Zone()
	month := domain.DateIn(b.NextCloseAt.Add(-48*time.Hour), zone).FirstOfMonth()
	l.Billing[contract] = Billing{month.AddMonths(2).StartIn(zone).UTC(), month.AddMonths(1) - 1}
	return month
}

// InvoiceFacts are what the invoice of a contract for a month follows from, as
// the store reads them.
func (l *Ledger) InvoiceFacts(contract domain.ContractID, month domain.Date) domain.InvoiceFacts {
	c := l.Contracts[contract]
	f := domain.InvoiceFacts{
		Parties: domain.Parties{Seller: l.Sellers[c.Seller], Reseller: l.Accounts[c.Reseller]}, Contract: c, Month: month,
		Products: map[domain.ProductID]domain.Name{}, Customers: map[domain.AccountID]domain.Name{},
		Taxes: slices.Collect(maps.Values(l.Taxes)),
	}
	for _, x := range l.Charges {
		if x.Contract == contract && x.Period == month {
			f.Charges = append(f.Charges, x)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(l.Subscriptions)) {
		x := l.Subscriptions[id]
		if x.Contract != contract || x.Plan == domain.AnnualYearly {
			continue
		}
		if m := l.seatMonth(x, month); m.Before > 0 || len(m.Changes) > 0 {
			f.Seats = append(f.Seats, m)
		}
	}
	return f
}

func (l *Ledger) seatMonth(x domain.Subscription, month domain.Date) domain.SeatMonth {
	m := domain.SeatMonth{Subscription: x}
	changes := slices.DeleteFunc(slices.Clone(l.SeatChanges), func(c domain.SeatChange) bool { return c.Subscription != x.Subscription })
	slices.SortStableFunc(changes, func(a, b domain.SeatChange) int {
		return cmp.Or(cmp.Compare(a.EffectiveOn, b.EffectiveOn), a.EffectiveAt.Compare(b.EffectiveAt), cmp.Compare(a.No, b.No), cmp.Compare(a.N, b.N))
	})
	for _, c := range changes {
		switch {
		case c.EffectiveOn < month:
			m.Before = c.SeatsAfter
		case c.EffectiveOn < month.AddMonths(1):
			m.Changes = append(m.Changes, c)
		}
	}
	if x.Plan != domain.Flexible {
		for _, p := range l.TermPrices {
			if p.Subscription == x.Subscription {
				m.Prices = append(m.Prices, domain.PriceChange{At: p.StartsAt, UnitPrice: p.UnitPrice})
			}
		}
		return m
	}
	for _, v := range l.ContractPrices {
		for _, p := range v.Products {
			if v.Contract == x.Contract && p.Product == x.Product && p.Prices.Flexible != nil { // a withdrawn price goes on for the seats there are
				m.Prices = append(m.Prices, domain.PriceChange{At: v.At, UnitPrice: *p.Prices.Flexible})
			}
		}
	}
	slices.SortStableFunc(m.Prices, func(a, b domain.PriceChange) int { return a.At.Compare(b.At) })
	return m
}
