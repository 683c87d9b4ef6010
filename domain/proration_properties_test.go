package domain_test

import (
	"flag"
	"fmt"
	"math/big"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
)

// tenThousand times is a property tried, or more if the scale says so.
func tenThousand(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	checks := flag.Lookup("rapid.checks").Value
	before := checks.String()
	if len(before) < 5 {
		if err := checks.Set("10000"); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = checks.Set(before) }()
	}
	rapid.Check(t, property)
}

var propertyZones = []domain.ZoneName{
	"UTC", "Europe/Berlin", "America/New_York", "Africa/Cairo", "Asia/Beirut", "America/Santiago", "America/Havana", "Asia/Kathmandu",
	"Pacific/Auckland", "Pacific/Kiritimati", "Australia/Lord_Howe", "America/St_Johns",
}

// aContract draws what the seats of a month depend on.
func aContract(t *rapid.T) domain.Contract {
	return domain.Contract{
		TimeZone: rapid.SampledFrom(propertyZones).Draw(t, "zone"),
		DayCount: rapid.SampledFrom([]domain.DayCount{domain.StartOfDay, domain.EndOfDay}).Draw(t, "day_count"),
		Currency: rapid.SampledFrom([]domain.Currency{"EUR", "JPY"}).Draw(t, "currency"),
	}
}

// aHistory draws a month of a subscription, with changes before and after it.
func aHistory(t *rapid.T, c domain.Contract, month domain.Date) domain.SeatMonth {
	m := domain.SeatMonth{Before: rapid.Int64Range(0, 12).Draw(t, "before")}
	m.Subscription.Plan = rapid.SampledFrom([]domain.Plan{domain.Flexible, domain.AnnualMonthly}).Draw(t, "plan")
	m.Prices = []domain.PriceChange{{At: (month - 40).StartIn(c.Zone()), UnitPrice: aPrice(t)}}
	n := m.Before
	for _, at := range instants(t, month, c.Zone()) {
		e := domain.SeatChange{EffectiveAt: at, EffectiveOn: c.Today(at)}
		switch what := rapid.IntRange(0, 7).Draw(t, "what"); {
		case m.Subscription.Plan == domain.Flexible && what == 0:
			m.Prices = append(m.Prices, domain.PriceChange{At: at, UnitPrice: aPrice(t)})
			continue
		case m.Subscription.Plan == domain.AnnualMonthly && what == 0:
			e.EffectiveAt, e.EndsTerm = e.EffectiveOn.StartIn(c.Zone()), true
			m.Prices = append(m.Prices, domain.PriceChange{At: e.EffectiveAt, UnitPrice: aPrice(t)})
			e.Delta = rapid.Int64Range(-n, 5).Draw(t, "delta")
		case m.Subscription.Plan == domain.AnnualMonthly:
			e.Delta = rapid.Int64Range(1, 5).Draw(t, "delta")
		default:
			e.Delta = rapid.Int64Range(-n, 8).Draw(t, "delta")
		}
		n += e.Delta
		m.Changes = append(m.Changes, e)
	}
	return m
}

// instants are in order; many are the first or the last of a day, and several are in one day.
func instants(t *rapid.T, month domain.Date, zone *time.Location) []time.Time {
	all := make([]time.Time, rapid.IntRange(0, 14).Draw(t, "changes"))
	for i := range all {
		day := month + domain.Date(rapid.IntRange(-2, 32).Draw(t, "day"))
		all[i] = day.StartIn(zone)
		switch rapid.IntRange(0, 3).Draw(t, "time") {
		case 0:
			all[i] = all[i].Add(-time.Microsecond)
		case 1:
			all[i] = all[i].Add(time.Microsecond)
		case 2:
			all[i] = all[i].Add(time.Duration(rapid.IntRange(0, 1439).Draw(t, "minute")) * time.Minute)
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

func aPrice(t *rapid.T) domain.Price {
	return domain.Price{Decimal: decimal.New(rapid.Int64Range(0, 99999).Draw(t, "price"), -rapid.Int32Range(0, 6).Draw(t, "digits"))}
}

// recomputed finds the spans in another way: seat k is charged for a day if
// there are k seats at its start (or end); its spans are its runs of days at
// one price, and seats with the same run are one span.
func recomputed(c domain.Contract, m domain.SeatMonth, month domain.Date) (spans []string, seatDays int64) {
	year, number, _ := month.YMD()
	days := time.Date(year, number+1, 0, 0, 0, 0, 0, time.UTC).Day()
	n, price, most := make([]int64, days), make([]string, days), int64(0)
	for i := range days {
		begin := dayBegins(month+domain.Date(i), c.Zone())
		end := dayBegins(month+domain.Date(i+1), c.Zone())
		n[i] = m.Before
		for _, e := range m.Changes {
			past := !e.EffectiveAt.After(begin)
			if e.EndsTerm {
				past = e.EffectiveAt.Before(begin)
			}
			if c.DayCount == domain.EndOfDay {
				past = e.EffectiveAt.Before(end)
			}
			if past {
				n[i] += e.Delta
			}
		}
		price[i] = m.Prices[0].UnitPrice.Decimal.String()
		for _, p := range m.Prices {
			past := !p.At.After(begin)
			if m.Subscription.Plan == domain.AnnualMonthly {
				past = p.At.Before(begin) || c.DayCount == domain.EndOfDay && p.At.Before(end)
			}
			if past {
				price[i] = p.UnitPrice.Decimal.String()
			}
		}
		seatDays += n[i]
		most = max(most, n[i])
	}
	runs := map[[2]int]int64{}
	for seat := int64(1); seat <= most; seat++ {
		for from := 0; from < days; from++ {
			if n[from] < seat {
				continue
			}
			to := from
			for to+1 < days && n[to+1] >= seat && price[to+1] == price[from] {
				to++
			}
			runs[[2]int{from, to}]++
			from = to
		}
	}
	for run, quantity := range runs {
		spans = append(spans, fmt.Sprintf("%02d..%02d × %d at %s", run[0]+1, run[1]+1, quantity, price[run[0]]))
	}
	slices.Sort(spans)
	return spans, seatDays
}

type dayIn struct {
	domain.Date
	*time.Location
}

var begins = map[dayIn]time.Time{}

// dayBegins is the first second with a local date.
func dayBegins(day domain.Date, zone *time.Location) time.Time {
	if at, known := begins[dayIn{day, zone}]; known {
		return at
	}
	y, m, d := day.YMD()
	want := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	seconds := sort.Search(32*3600, func(s int) bool {
		y, m, d := want.Add(time.Duration(s)*time.Second - 16*time.Hour).In(zone).Date()
		return !time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Before(want)
	})
	at := want.Add(time.Duration(seconds)*time.Second - 16*time.Hour)
	begins[dayIn{day, zone}] = at
	return at
}

func TestSpansAgreeWithARecomputationDayByDay(t *testing.T) {
	tenThousand(t, func(t *rapid.T) {
		c, month := aContract(t), domain.NewDate(2024, time.Month(rapid.IntRange(1, 84).Draw(t, "month")), 1)
		m := aHistory(t, c, month)
		spans := m.Spans(c, month)
		want, wantDays := recomputed(c, m, month)
		var got []string
		var seatDays int64
		for _, s := range spans {
			_, _, from := s.From.YMD()
			_, _, to := s.To.YMD()
			got = append(got, fmt.Sprintf("%02d..%02d × %d at %s", from, to, s.Quantity, s.MonthlyPrice.Decimal))
			seatDays += s.Quantity * s.Days
			if s.Days != int64(to-from+1) || s.DaysInMonth != int64(month.AddMonths(1)-month) {
				t.Fatalf("%v has %d of %d days", s, s.Days, s.DaysInMonth)
			}
			if amount, want := s.Amount(c.Currency), exactly(s, c.Currency); amount.String() != want {
				t.Fatalf("%v costs %s, want %s", s, amount, want)
			}
		}
		slices.Sort(got)
		if strings.Join(got, "; ") != strings.Join(want, "; ") {
			t.Fatalf("got  %v\nwant %v", got, want)
		}
		if seatDays != wantDays {
			t.Fatalf("%d days of seats, want %d", seatDays, wantDays)
		}
	})
}

// exactly rounds a fraction of whole numbers, half up (nothing here is negative).
func exactly(s domain.SeatSpan, currency domain.Currency) string {
	amount := new(big.Rat).Mul(s.MonthlyPrice.Rat(), big.NewRat(s.Quantity*s.Days, s.DaysInMonth))
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(domain.MinorDigits(string(currency)))), nil)
	amount.Mul(amount, new(big.Rat).SetInt(unit)).Add(amount, big.NewRat(1, 2))
	return decimal.NewFromBigInt(new(big.Int).Div(amount.Num(), amount.Denom()), -domain.MinorDigits(string(currency))).String()
}

// The parts of a charge, cut at any day, come to the whole within one minor unit.
func TestPartsOfAChargeComeToTheWhole(t *testing.T) {
	tenThousand(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]domain.Currency{"EUR", "JPY"}).Draw(t, "currency")
		quantity, price := rapid.Int64Range(1, domain.MaxQuantity).Draw(t, "quantity"), aPrice(t)
		of := rapid.SampledFrom([]int64{28, 29, 30, 31, 365, 366}).Draw(t, "of")
		days := rapid.Int64Range(1, of).Draw(t, "days")
		first := rapid.Int64Range(0, days).Draw(t, "first")
		whole := domain.Prorated(quantity, price, days, of, currency)
		parts := domain.Prorated(quantity, price, first, of, currency).Add(domain.Prorated(quantity, price, days-first, of, currency))
		if minor := decimal.New(1, -domain.MinorDigits(string(currency))); parts.Sub(whole).Abs().GreaterThan(minor) {
			t.Fatalf("%d × %s × %d/%d = %s, but cut after %d days %s", quantity, price, days, of, whole, first, parts)
		}
	})
}
