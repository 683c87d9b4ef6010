package domain_test

import (
	"encoding/json"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the test, wherever it runs

	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
)

func date(t testing.TB, s string) domain.Date {
	t.Helper()
	d, err := domain.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := domain.ZoneNamed(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestMonthsAreClampedAndCountedFromTheOriginalDate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from   string
		months int64
		want   string
	}{
		{"2026-01-31", 1, "2026-02-28"},
		{"2026-01-31", 2, "2026-03-31"},
		{"2026-01-31", 3, "2026-04-30"},
		{"2028-01-31", 1, "2028-02-29"},
		{"2028-02-29", 12, "2029-02-28"},
		{"2028-02-29", 48, "2032-02-29"},
		{"2028-02-29", 36, "2031-02-28"},
		{"2026-08-30", 6, "2027-02-28"},
		{"2027-08-30", 6, "2028-02-29"},
		{"2026-03-31", 1, "2026-04-30"},
		{"2026-12-31", 1, "2027-01-31"},
		{"2026-12-01", 1, "2027-01-01"},
		{"2026-01-30", 1, "2026-02-28"},
		{"2026-02-28", 1, "2026-03-28"},
		{"2026-05-15", 0, "2026-05-15"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-01-15", -1, "2025-12-15"},
		{"2096-02-29", 48, "2100-02-28"},
		{"1999-12-31", 2, "2000-02-29"},
		{"2026-01-31", 120, "2036-01-31"},
	} {
		if got := date(t, c.from).AddMonths(c.months); got != date(t, c.want) {
			t.Errorf("%s + %d months = %s, want %s", c.from, c.months, got, c.want)
		}
	}
}

func TestDatesAndTheirText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0001-01-01", "1970-01-01", "2024-02-29", "2026-12-31", "9999-12-31"} {
		d := date(t, text)
		if d.String() != text {
			t.Errorf("%s is written %s", text, d)
		}
		raw, err := json.Marshal(d)
		var back domain.Date
		if err != nil || json.Unmarshal(raw, &back) != nil || back != d {
			t.Errorf("%s becomes %s and then %s (%v)", text, raw, back, err)
		}
		if next := d + 1; d < 3652059 && next.String() <= text {
			t.Errorf("the day after %s is %s", text, next)
		}
	}
	if d := date(t, "0001-01-01"); d != 1 {
		t.Errorf("the first day is number %d", d)
	}
	if first := date(t, "2026-02-28").FirstOfMonth(); first != date(t, "2026-02-01") {
		t.Errorf("February begins on %s", first)
	}
	for _, wrong := range []string{"", "2026-02-29", "2026-2-1", "26-01-01", "2026-13-01", "2026-01-01T00:00:00Z", "tomorrow"} {
		if d, err := domain.ParseDate(wrong); err == nil {
			t.Errorf("%q is read as %s", wrong, d)
		}
	}
}

// A day starts at the first instant that has its local date. That definition is
// followed by scanning the minutes around it: zones change their offset by whole
// minutes in the years tested.
func firstInstant(d domain.Date, zone *time.Location) time.Time {
	y, m, day := d.YMD()
	at := time.Date(y, m, day, 0, 0, 0, 0, time.UTC).Add(-15 * time.Hour)
	for end := at.Add(50 * time.Hour); at.Before(end); at = at.Add(time.Minute) {
		if domain.DateIn(at, zone) >= d {
			return at
		}
	}
	return time.Time{}
}

func TestADayStartsAtTheFirstInstantThatHasItsDate(t *testing.T) {
	t.Parallel()
	special := map[string][]string{
		// midnight is left out: the clock jumps from 00:00 to 01:00
		"America/Santiago":  {"2022-09-11", "2023-09-03", "2024-09-08", "2026-09-06"},
		"Africa/Cairo":      {"2023-04-28", "2024-04-26", "2026-04-24"},
		"Asia/Beirut":       {"2022-03-27", "2024-03-31", "2026-03-29"},
		"America/Asuncion":  {"2022-10-02", "2023-10-01"},
		"America/Sao_Paulo": {"2017-10-15", "2018-11-04"},
		"Asia/Amman":        {"2021-03-26", "2022-02-25"},
		// midnight happens twice: the clock goes back over it
		"America/Havana":       {"2023-11-05", "2026-11-01", "2026-03-08"},
		"Atlantic/Azores":      {"2022-10-30", "2024-10-27"},
		"America/Scoresbysund": {"2022-10-30", "2024-03-31"},
		"Asia/Gaza":            {"2022-10-29", "2023-10-28"},
		// the clock goes back over midnight: the day begins, ends, and begins again
		"America/St_Johns": {"2007-11-04", "2010-11-07"},
		// changes that have nothing to do with midnight
		"Europe/Berlin":       {"2026-03-29", "2026-10-25"},
		"Europe/Dublin":       {"2026-03-29", "2026-10-25"},
		"America/New_York":    {"2026-03-08", "2026-11-01"},
		"Australia/Lord_Howe": {"2026-04-05", "2026-10-04"},
		"Africa/Casablanca":   {"2026-02-15", "2026-03-22"},
		// far ahead and far behind, and a day that never was
		"Pacific/Kiritimati": {"2026-01-01"},
		"Pacific/Honolulu":   {"2026-01-01"},
		"Asia/Kathmandu":     {"2026-01-01"},
		"Pacific/Apia":       {"2011-12-29", "2011-12-31"},
		"UTC":                {"2026-01-01"},
	}
	for name, texts := range special {
		z := zone(t, name)
		for _, text := range texts {
			for d := date(t, text) - 1; d <= date(t, text)+1; d++ {
				want := firstInstant(d, z)
				if domain.DateIn(want, z) != d {
					continue // a day that never was
				}
				if got := d.StartIn(z); !got.Equal(want) {
					t.Errorf("%s in %s starts at %s, want %s", d, name, got.UTC(), want)
				}
			}
		}
	}
}

// Every day of ten years in zones that have been restless: what starts a day has
// its date, and the instant before has not.
func TestEveryDayStartsWhereTheOneBeforeEnds(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"America/Santiago", "Africa/Cairo", "Asia/Beirut", "America/Havana", "Asia/Gaza", "Africa/Casablanca", "Europe/Dublin", "Atlantic/Azores"} {
		z := zone(t, name)
		for d := date(t, "2019-01-01"); d < date(t, "2029-01-01"); d++ {
			start := d.StartIn(z)
			if domain.DateIn(start, z) != d || domain.DateIn(start.Add(-time.Nanosecond), z) != d-1 {
				t.Errorf("%s in %s does not start at %s", d, name, start.UTC())
			}
		}
	}
}

func TestAmountsAreRoundedOnceHalfAwayFromZero(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ exact, currency, want string }{
		{"0.005", "EUR", "0.01"},
		{"-0.005", "EUR", "-0.01"},
		{"0.0049999", "EUR", "0.00"},
		{"2.675", "EUR", "2.68"},
		{"1.005", "USD", "1.01"},
		{"-2.345", "TRY", "-2.35"},
		{"12000", "EUR", "12000.00"},
		{"0.125", "EUR", "0.13"},
		{"0.135", "EUR", "0.14"},
		{"0.5", "JPY", "1"},
		{"1.5", "JPY", "2"},
		{"2.5", "JPY", "3"},
		{"-2.5", "JPY", "-3"},
		{"2.499999", "JPY", "2"},
		{"12000.4", "KRW", "12000"},
		{"31.5", "ISK", "32"},
		{"999999999999.995", "EUR", "1000000000000.00"},
	} {
		exact := decimal.RequireFromString(c.exact)
		if got := domain.Money(domain.Round(exact, c.currency), c.currency); got != c.want {
			t.Errorf("%s %s is rounded to %s, want %s", c.exact, c.currency, got, c.want)
		}
	}
}

func TestPricesKeepTheirDigits(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0", "120", "120.00", "0.000001", "999999999999.999999"} {
		p, err := domain.ParsePrice(text)
		if err != nil || p.String() != text {
			t.Errorf("%s is written %s (%v)", text, p, err)
		}
	}
	a, _ := domain.ParsePrice("120")
	b, _ := domain.ParsePrice("120.000")
	if a.Canonical() != b.Canonical() {
		t.Errorf("120 and 120.000 are different content")
	}
	for _, wrong := range []string{"", "-1", "1.1234567", "1e3", "1,50", " 1", "NaN", "+1", ".5", "1.", "1234567890123"} {
		if p, err := domain.ParsePrice(wrong); err == nil {
			t.Errorf("%q is read as the price %s", wrong, p)
		}
	}
}
