package domain

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// SeatMonth is what the charge for the seats of one subscription in one month
// follows from.
type SeatMonth struct {
	Subscription Subscription
	Before       int64         // seats as the month began, before anything that happened on its first day
	Changes      []SeatChange  // of the month; later ones do no harm, earlier ones count as having happened before
	Prices       []PriceChange // in order of time, from the one in force as the month began; one at least where there are seats
}

// PriceChange is a price per seat and month from an instant on: of the contract
// for a flexible plan, from the start of a term for an annual one.
type PriceChange struct {
	At        time.Time
	UnitPrice Price
}

// SeatSpan is seats that are charged for the same days of a month. It never has
// no days.
type SeatSpan struct {
	Quantity     int64
	From, To     Date // the first and the last day charged
	Days         int64
	DaysInMonth  int64
	MonthlyPrice Price
}

// Amount is what the seats of the span cost. Over a whole month it is the full price.
func (s SeatSpan) Amount(currency Currency) decimal.Decimal {
	return Prorated(s.Quantity, s.MonthlyPrice, s.Days, s.DaysInMonth, currency)
}

// Prorated is quantity × price × days ÷ of, rounded once: neither the price of a
// day nor that of one seat is ever rounded by itself.
func Prorated(quantity int64, price Price, days, of int64, currency Currency) decimal.Decimal {
	exact := price.Mul(decimal.NewFromInt(quantity)).Mul(decimal.NewFromInt(days))
	return RoundFraction(exact, of, string(currency))
}

// Spans takes the seats that count for each day of a month apart, last in, first
// out: a rise opens a span, a fall closes the youngest ones on the day before.
// What happens in one day is netted. A year that was paid in full has no spans.
func (m SeatMonth) Spans(c Contract, month Date) []SeatSpan {
	if m.Subscription.Plan == AnnualYearly {
		return nil
	}
	last := month.AddMonths(1) - 1
	changes := m.changesByDay(c, month, last)
	var open, spans []SeatSpan
	for i, change := range changes {
		day := month + Date(i)
		if change > 0 {
			open = append(open, SeatSpan{Quantity: change, From: day})
		}
		for change < 0 && len(open) > 0 {
			youngest := &open[len(open)-1]
			n := min(-change, youngest.Quantity)
			spans = append(spans, SeatSpan{Quantity: n, From: youngest.From, To: day - 1})
			change += n
			if youngest.Quantity -= n; youngest.Quantity == 0 {
				open = open[:len(open)-1]
			}
		}
	}
	for _, s := range open {
		s.To = last
		spans = append(spans, s)
	}
	spans = merge(m.price(spans, c))
	for i := range spans {
		spans[i].Days, spans[i].DaysInMonth = int64(spans[i].To-spans[i].From)+1, int64(len(changes))
	}
	return spans
}

// changesByDay is by how many seats each day of the month differs from the day
// before; the first has all that were there before.
func (m SeatMonth) changesByDay(c Contract, month, last Date) []int64 {
	changes := make([]int64, last-month+1)
	changes[0] = m.Before
	for _, e := range m.Changes {
		if day := max(month, e.firstDay(c)); day <= last {
			changes[day-month] += e.Delta
		}
	}
	return changes
}

// firstDay is the first day for whose charge the change counts. A seat pays for
// a day if it was there at its start, or at its end where the contract counts
// like that: then the day of adding is charged and the day of removal is not.
func (e SeatChange) firstDay(c Contract) Date {
	switch {
	case c.DayCount == EndOfDay:
		return e.EffectiveOn
	case e.EndsTerm:
		// It falls due as the day starts, but counts as happening during the day:
		// so the first and the last month of a term make a full one.
		return e.EffectiveOn + 1
	}
	return firstStart(e.EffectiveAt, e.EffectiveOn, c)
}

// firstStart is the first day that starts at an instant or after it: what
// happens exactly as a day starts has happened by then.
func firstStart(at time.Time, on Date, c Contract) Date {
	if at.After(on.StartIn(c.Zone())) {
		return on + 1
	}
	return on
}

// datedPrice is a price and the first day that pays it.
type datedPrice struct {
	from Date
	Price
}

// price splits spans where the price changes.
func (m SeatMonth) price(spans []SeatSpan, c Contract) []SeatSpan {
	prices := m.pricesByDay(c)
	var priced []SeatSpan
	for _, s := range spans {
		s.MonthlyPrice = prices[0].Price // also for seats that were there before a day could start with it
		for _, p := range prices[1:] {
			if p.from > s.To {
				break
			}
			if p.from > s.From {
				before := s
				before.To = p.from - 1
				priced = append(priced, before)
				s.From = p.from
			}
			s.MonthlyPrice = p.Price
		}
		priced = append(priced, s)
	}
	return priced
}

// pricesByDay leaves out what makes no difference: all but the last price of a
// day, and what is as high as before.
func (m SeatMonth) pricesByDay(c Contract) []datedPrice {
	var prices []datedPrice
	for _, p := range m.Prices {
		next := datedPrice{m.firstPriced(p, c), p.UnitPrice}
		if n := len(prices); n > 0 && prices[n-1].from == next.from {
			prices = prices[:n-1]
		}
		if n := len(prices); n == 0 || !prices[n-1].Equal(next.Decimal) {
			prices = append(prices, next)
		}
	}
	return prices
}

// firstPriced is the first day that pays a price. A flexible seat pays what is
// in force as the day starts, whichever way days are counted. The price of an
// annual term comes with its seats.
func (m SeatMonth) firstPriced(p PriceChange, c Contract) Date {
	on := c.Today(p.At)
	switch {
	case m.Subscription.Plan == Flexible:
		return firstStart(p.At, on, c)
	case c.DayCount == EndOfDay:
		return on
	}
	return on + 1
}

// merge makes one span of those with the same days, which have the same price,
// and puts them in order: the first to begin first, then the last to end.
func merge(spans []SeatSpan) []SeatSpan {
	slices.SortStableFunc(spans, func(a, b SeatSpan) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(b.To, a.To)) })
	merged := spans[:0]
	for _, s := range spans {
		if n := len(merged); n > 0 && merged[n-1].From == s.From && merged[n-1].To == s.To {
			merged[n-1].Quantity += s.Quantity
		} else {
			merged = append(merged, s)
		}
	}
	return merged
}
