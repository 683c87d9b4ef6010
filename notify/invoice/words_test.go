package invoice

import (
	"reflect"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
)

// A word that is missing would be a hole in an invoice.
func TestNoLanguageLacksAWord(t *testing.T) {
	t.Parallel()
	for _, w := range languages {
		lacking(t, w.tag, reflect.ValueOf(*w))
	}
}

func lacking(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			lacking(t, path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			lacking(t, path, v.Index(i))
		}
	default:
		if v.IsZero() {
			t.Errorf("%s is missing", path)
		}
	}
}

// A language that was copied and not translated to the end would go unnoticed.
func TestNoLanguageSaysWhatEnglishSays(t *testing.T) {
	t.Parallel()
	same := map[string]bool{ // in all three
		"iban": true, "bic": true, "thousands": true, "point": true, "until": true,
	}
	for _, w := range languages[1:] {
		ours, theirs := reflect.ValueOf(*w), reflect.ValueOf(english)
		for i := range ours.NumField() {
			name := ours.Type().Field(i).Name
			if ours.Field(i).Kind() == reflect.String && !same[name] && ours.Field(i).String() == theirs.Field(i).String() && (w.tag != "tr" || name != "net") {
				t.Errorf("%s.%s is English: %q", w.tag, name, ours.Field(i).String())
			}
		}
	}
}

func TestFiguresAndDates(t *testing.T) {
	t.Parallel()
	on := func(year, month, day int) domain.Date {
		return domain.NewDate(year, 0, 1).AddMonths(int64(month)) + domain.Date(day-1)
	}
	for _, c := range []struct {
		say  func(w *words) string
		want [3]string // in English, German and Turkish
	}{
		{
			func(w *words) string { return w.date(on(2026, 12, 2)) },
			[3]string{"2 December 2026", "2. Dezember 2026", "2 Aralık 2026"},
		}, {
			func(w *words) string { return w.span(on(2026, 11, 20), on(2026, 11, 30)) },
			[3]string{"20 to 30 November 2026", "20. bis 30. November 2026", "20 – 30 Kasım 2026"},
		}, {
			func(w *words) string { return w.span(on(2026, 2, 28), on(2026, 3, 1)) },
			[3]string{"28 February to 1 March 2026", "28. Februar bis 1. März 2026", "28 Şubat – 1 Mart 2026"},
		}, {
			func(w *words) string { return w.span(on(2026, 5, 3), on(2027, 5, 2)) },
			[3]string{"3 May 2026 to 2 May 2027", "3. Mai 2026 bis 2. Mai 2027", "3 Mayıs 2026 – 2 Mayıs 2027"},
		}, {
			func(w *words) string { return w.span(on(2026, 8, 31), on(2026, 8, 31)) },
			[3]string{"31 August 2026", "31. August 2026", "31 Ağustos 2026"},
		}, {
			func(w *words) string { return w.money("EUR", w.amount(decimal.RequireFromString("1234.5"), "EUR")) },
			[3]string{"EUR 1,234.50", "1.234,50 EUR", "1.234,50 EUR"},
		}, {
			func(w *words) string { return w.money("JPY", w.amount(decimal.RequireFromString("-1234567"), "JPY")) },
			[3]string{"JPY \u22121,234,567", "\u22121.234.567 JPY", "\u22121.234.567 JPY"},
		}, {
			func(w *words) string { return w.amount(decimal.RequireFromString("-0.07"), "EUR") },
			[3]string{"\u22120.07", "\u22120,07", "\u22120,07"},
		}, {
			func(w *words) string { return w.price(decimal.RequireFromString("1008.333300"), "EUR") },
			[3]string{"1,008.3333", "1.008,3333", "1.008,3333"},
		}, {
			func(w *words) string { return w.price(decimal.RequireFromString("12.5"), "EUR") },
			[3]string{"12.50", "12,50", "12,50"},
		}, {
			func(w *words) string { return w.price(decimal.RequireFromString("1200.00"), "JPY") },
			[3]string{"1,200", "1.200", "1.200"},
		}, {
			func(w *words) string { return w.rate(decimal.RequireFromString("23.00")) },
			[3]string{"23%", "23 %", "%23"},
		}, {
			func(w *words) string { return w.rate(decimal.RequireFromString("8.1")) },
			[3]string{"8.1%", "8,1 %", "%8,1"},
		}, {
			func(w *words) string { return w.days(w.count(1)) + ", " + w.days(w.count(30)) },
			[3]string{"1 day, 30 days", "1 Tag, 30 Tage", "1 gün, 30 gün"},
		}, {
			func(w *words) string { return w.count(1_000_000) },
			[3]string{"1,000,000", "1.000.000", "1.000.000"},
		}, {
			func(w *words) string { return w.country("EL") + ", " + w.country("IE") + ", " + w.country("ZZ9") },
			[3]string{"Greece, Ireland, ZZ9", "Griechenland, Irland, ZZ9", "Yunanistan, İrlanda, ZZ9"},
		},
	} {
		for n, w := range languages {
			if got := strings.ReplaceAll(c.say(w), nbsp, " "); got != c.want[n] {
				t.Errorf("%s: %q, want %q", w.tag, got, c.want[n])
			}
		}
	}
}
