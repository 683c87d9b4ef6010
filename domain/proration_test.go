package domain_test

import (
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
)

// change is seats or, without a delta, a price at a local time.
type change struct {
	at    string
	delta int64
	price string
	ends  bool // a term
}

// In every month of the table the price is 10.00 at first.
var seatMonths = []struct {
	name     string
	zone     domain.ZoneName // Europe/Dublin
	plan     domain.Plan     // flexible
	month    string
	before   int64
	changes  []change
	starting string // with start_of_day; a price stands behind a span where it is not 10.00
	ending   string // with end_of_day
}{
	{
		"ten seats added on the 20th are charged for ten days", "", "", "2026-11", 0,
		[]change{{at: "2026-11-20 09:30", delta: 10}},
		"10 2026-11-21..2026-11-30 10/30", "10 2026-11-20..2026-11-30 11/30",
	},
	{
		"added as 1 April starts, removed on the 15th", "", "", "2026-04", 0,
		[]change{{at: "2026-04-01 00:00", delta: 4}, {at: "2026-04-15 12:00", delta: -4}},
		"4 2026-04-01..2026-04-15 15/30", "4 2026-04-01..2026-04-14 14/30",
	},
	{
		"removed exactly as a day starts", "", "", "2026-04", 4,
		[]change{{at: "2026-04-15 00:00", delta: -4}},
		"4 2026-04-01..2026-04-14 14/30", "4 2026-04-01..2026-04-14 14/30",
	},
	{"nothing happens", "", "", "2028-02", 7, nil, "7 2028-02-01..2028-02-29 29/29", "7 2028-02-01..2028-02-29 29/29"},
	{"no seats", "", "", "2026-11", 0, nil, "", ""},
	{
		"the youngest go first", "", "", "2026-11", 10,
		[]change{{at: "2026-11-05 10:00", delta: 5}, {at: "2026-11-10 10:00", delta: 3}, {at: "2026-11-20 10:00", delta: -6}},
		"10 2026-11-01..2026-11-30 30/30; 2 2026-11-06..2026-11-30 25/30; 3 2026-11-06..2026-11-20 15/30; 3 2026-11-11..2026-11-20 10/30",
		"10 2026-11-01..2026-11-30 30/30; 2 2026-11-05..2026-11-30 26/30; 3 2026-11-05..2026-11-19 15/30; 3 2026-11-10..2026-11-19 10/30",
	},
	{
		"what happens in one day is netted", "", "", "2026-11", 2,
		[]change{{at: "2026-11-07 08:00", delta: 5}, {at: "2026-11-07 09:00", delta: -4}, {at: "2026-11-08 00:00", delta: 1}, {at: "2026-11-20 09:00", delta: 3}, {at: "2026-11-20 10:00", delta: -3}},
		"2 2026-11-01..2026-11-30 30/30; 2 2026-11-08..2026-11-30 23/30",
		"2 2026-11-01..2026-11-30 30/30; 1 2026-11-07..2026-11-30 24/30; 1 2026-11-08..2026-11-30 23/30",
	},
	{
		"seats of the last day are not charged before the next month", "", "", "2026-11", 0,
		[]change{{at: "2026-11-30 00:01", delta: 2}},
		"", "2 2026-11-30..2026-11-30 1/30",
	},
	{
		"changes before the month count into its first day", "", "", "2026-11", 1,
		[]change{{at: "2026-10-31 18:00", delta: 2}, {at: "2026-12-01 00:00", delta: 4}},
		"3 2026-11-01..2026-11-30 30/30", "3 2026-11-01..2026-11-30 30/30",
	},
	{
		"a change of price splits, from the day that starts with it", "", "", "2026-11", 3,
		[]change{{at: "2026-11-10 15:00", price: "12.00"}, {at: "2026-11-15 10:00", delta: 2}},
		"3 2026-11-01..2026-11-10 10/30; 3 2026-11-11..2026-11-30 20/30 at 12.00; 2 2026-11-16..2026-11-30 15/30 at 12.00",
		"3 2026-11-01..2026-11-10 10/30; 3 2026-11-11..2026-11-30 20/30 at 12.00; 2 2026-11-15..2026-11-30 16/30 at 12.00",
	},
	{
		"what a change of price makes equal is one span", "", "", "2026-11", 3,
		[]change{{at: "2026-11-05 00:00", delta: 2}, {at: "2026-11-10 00:00", price: "12.00"}},
		"3 2026-11-01..2026-11-09 9/30; 2 2026-11-05..2026-11-09 5/30; 5 2026-11-10..2026-11-30 21/30 at 12.00",
		"3 2026-11-01..2026-11-09 9/30; 2 2026-11-05..2026-11-09 5/30; 5 2026-11-10..2026-11-30 21/30 at 12.00",
	},
	{
		"a price that is back by the next day splits nothing", "", "", "2026-11", 3,
		[]change{{at: "2026-11-10 09:00", price: "12.00"}, {at: "2026-11-10 15:00", price: "10.000"}, {at: "2026-11-12 15:00", price: "10.0"}},
		"3 2026-11-01..2026-11-30 30/30", "3 2026-11-01..2026-11-30 30/30",
	},
	{
		"a term that renews with other seats at another price", "", domain.AnnualMonthly, "2026-11", 10,
		[]change{{at: "2026-11-15 00:00", delta: -4, ends: true}, {at: "2026-11-15 00:00", price: "12.00"}},
		"10 2026-11-01..2026-11-15 15/30; 6 2026-11-16..2026-11-30 15/30 at 12.00",
		"10 2026-11-01..2026-11-14 14/30; 6 2026-11-15..2026-11-30 16/30 at 12.00",
	},
	{
		"a term that ends without another", "", domain.AnnualMonthly, "2026-11", 10,
		[]change{{at: "2026-11-15 00:00", delta: -10, ends: true}},
		"10 2026-11-01..2026-11-15 15/30", "10 2026-11-01..2026-11-14 14/30",
	},
	{
		"a term that renews as it was", "", domain.AnnualMonthly, "2026-11", 10,
		[]change{{at: "2026-11-15 00:00", price: "10.00"}},
		"10 2026-11-01..2026-11-30 30/30", "10 2026-11-01..2026-11-30 30/30",
	},
	{
		"seats added as the renewed term starts were there at the start of the day", "", domain.AnnualMonthly, "2026-11", 10,
		[]change{{at: "2026-11-15 00:00", delta: -4, ends: true}, {at: "2026-11-15 00:00", delta: 1}},
		"7 2026-11-01..2026-11-30 30/30; 3 2026-11-01..2026-11-15 15/30; 1 2026-11-15..2026-11-15 1/30",
		"7 2026-11-01..2026-11-30 30/30; 3 2026-11-01..2026-11-14 14/30",
	},
	{"a year paid in full", "", domain.AnnualYearly, "2026-11", 10, []change{{at: "2026-11-15 10:00", delta: 3}}, "", ""},
	{
		"a day without midnight starts at one", "Africa/Cairo", "", "2026-04", 0,
		[]change{{at: "2026-04-24 01:00", delta: 1}, {at: "2026-04-25 00:00", delta: -1}},
		"1 2026-04-24..2026-04-24 1/30", "1 2026-04-24..2026-04-24 1/30",
	},
	{
		"the night that is an hour longer", "Europe/Berlin", "", "2026-10", 0,
		[]change{{at: "2026-10-25 00:00", delta: 1}, {at: "2026-10-25 23:59", delta: -1}},
		"1 2026-10-25..2026-10-25 1/31", "",
	},
	{
		"the local date counts, not that of UTC", "Pacific/Auckland", "", "2026-12", 0,
		[]change{{at: "2026-12-01 00:00", delta: 1}, {at: "2026-12-31 23:00", delta: 1}},
		"1 2026-12-01..2026-12-31 31/31", "1 2026-12-01..2026-12-31 31/31; 1 2026-12-31..2026-12-31 1/31",
	},
}

func TestSeatsOfAMonth(t *testing.T) {
	t.Parallel()
	for _, c := range seatMonths {
		for dayCount, want := range map[domain.DayCount]string{domain.StartOfDay: c.starting, domain.EndOfDay: c.ending} {
			contract := domain.Contract{TimeZone: "Europe/Dublin", DayCount: dayCount}
			if c.zone != "" {
				contract.TimeZone = c.zone
			}
			m := seatMonth(contract, c.plan, c.before, c.changes)
			var got []string
			for i, span := range m.Spans(contract, dated(c.month+"-01")) {
				text := shown([]domain.SeatSpan{span})[0]
				if !span.MonthlyPrice.Equal(money("10")) {
					text += " at " + span.MonthlyPrice.String()
				}
				got = append(got, text)
				if i > 0 && span.Days == 0 {
					t.Errorf("%s: a span without a day", c.name)
				}
			}
			if strings.Join(got, "; ") != want {
				t.Errorf("%s, %s:\n got %s\nwant %s", c.name, dayCount, strings.Join(got, "; "), want)
			}
		}
	}
}

func seatMonth(c domain.Contract, plan domain.Plan, before int64, changes []change) domain.SeatMonth {
	if plan == "" {
		plan = domain.Flexible
	}
	m := domain.SeatMonth{
		Subscription: domain.Subscription{Plan: plan}, Before: before,
		Prices: []domain.PriceChange{{UnitPrice: priced("10.00")}},
	}
	for _, x := range changes {
		e := seats(c, x.at, x.delta)
		e.EndsTerm = x.ends
		if x.price != "" {
			m.Prices = append(m.Prices, domain.PriceChange{At: e.EffectiveAt, UnitPrice: priced(x.price)})
		} else {
			m.Changes = append(m.Changes, e)
		}
	}
	return m
}

// Under either day count a term is charged for its days and no more, so the
// first and the last month together make a full one.
func TestATermIsChargedForItsDays(t *testing.T) {
	t.Parallel()
	for _, start := range []string{"2026-11-15 10:00", "2027-02-28 23:59", "2027-07-31 12:00", "2028-02-10 09:00"} {
		for _, dayCount := range []domain.DayCount{domain.StartOfDay, domain.EndOfDay} {
			c := domain.Contract{TimeZone: "Europe/Berlin", DayCount: dayCount}
			begin := seats(c, start, 10)
			from := begin.EffectiveOn
			end := seats(c, from.AddMonths(12).String()+" 00:00", -10)
			end.EndsTerm = true
			m := domain.SeatMonth{
				Subscription: domain.Subscription{Plan: domain.AnnualMonthly}, Changes: []domain.SeatChange{begin, end},
				Prices: []domain.PriceChange{{At: begin.EffectiveAt, UnitPrice: priced("10.00")}},
			}
			var days int64
			for n := range int64(14) {
				for _, s := range m.Spans(c, from.FirstOfMonth().AddMonths(n-1)) {
					days += s.Days
				}
			}
			if want := int64(from.AddMonths(12) - from); days != want {
				t.Errorf("%s, %s: %d days, want %d", start, dayCount, days, want)
			}
		}
	}
}

func TestEveryMonthHasItsDays(t *testing.T) {
	t.Parallel()
	for _, zone := range []domain.ZoneName{"UTC", "America/New_York", "Africa/Cairo", "Pacific/Apia", "Asia/Kathmandu", "America/Havana"} {
		c := domain.Contract{TimeZone: zone, DayCount: domain.StartOfDay}
		for n := range int64(60) {
			month := dated("2026-01-01").AddMonths(n)
			spans := seatMonth(c, "", 1, nil).Spans(c, month)
			if want := int64(month.AddMonths(1) - month); len(spans) != 1 || spans[0].Days != want || spans[0].DaysInMonth != want {
				t.Errorf("%s in %s: %v, want %d days", month, zone, spans, want)
			}
			if full := spans[0].Amount("EUR"); !full.Equal(money("10")) {
				t.Errorf("the full month %s costs %s", month, full)
			}
		}
	}
}
