package domain_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/invoices"
)

// FuzzMoney reads any JSON as a price, an amount and a rate. What is taken is
// written back as it came, means the same, and is no bigger than it may be.
func FuzzMoney(f *testing.F) {
	for _, s := range []string{`"12.50"`, `12`, `"0"`, `"-12.50"`, `1e3`, `"1e3"`, `"999999999999.999999"`, `"0100.000000"`, `-0`, `"１２"`, `null`, `"0x10"`, `1E400`} {
		f.Add([]byte(s))
	}
	limit := decimal.NewFromInt(1_000_000_000_000)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) {
			return
		}
		var price, again domain.Price
		if price.UnmarshalJSON(raw) == nil {
			written, err := json.Marshal(price)
			if err != nil || again.UnmarshalJSON(written) != nil || !again.Equal(price.Decimal) || again.String() != price.String() {
				t.Fatalf("%s is written as %s and read as %s", raw, written, again)
			}
			if price.IsNegative() || !price.LessThan(limit) || price.Exponent() < -6 {
				t.Fatalf("%s is the price %s", raw, price)
			}
			if rate := (domain.Rate{Price: price}); rate.Check() == "" && price.GreaterThan(decimal.NewFromInt(100)) {
				t.Fatalf("%s is the rate %s", raw, price)
			}
		}
		var amount, same domain.Amount
		if amount.UnmarshalJSON(raw) == nil {
			written, err := json.Marshal(amount)
			if err != nil || same.UnmarshalJSON(written) != nil || !same.Equal(amount.Decimal) {
				t.Fatalf("%s is written as %s and read as %s", raw, written, same)
			}
			if amount.IsZero() || !amount.Abs().LessThan(limit) || amount.Exponent() < -2 {
				t.Fatalf("%s is the amount %s", raw, amount)
			}
		}
	})
}

// FuzzDate reads any text as a date, a month and a time zone. A date is written
// as it was read, and has a first instant in every zone.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"2026-11-30", "0001-01-01", "9999-12-31", "2028-02-29", "2027-02-29", "2026-11", "Europe/Berlin", "../../etc/passwd", "America/Sao_Paulo", "Local", "utc", "-001-01-01"} {
		f.Add(s, "Europe/Dublin", int64(12))
	}
	f.Add("2018-11-04", "America/Sao_Paulo", int64(-3))
	f.Fuzz(func(t *testing.T, text, zoneName string, months int64) {
		var period domain.Period
		if raw, err := json.Marshal(text); err == nil && period.UnmarshalJSON(raw) == nil && period.String() != text {
			t.Fatalf("%q is the month %s", text, period)
		}
		zone, err := domain.ZoneNamed(zoneName)
		if err == nil && (strings.Contains(zoneName, "..") || strings.HasPrefix(zoneName, "/") || zoneName == "" || zoneName == "Local" || len(zoneName) > 64) {
			t.Fatalf("%q is a zone", zoneName)
		}
		date, dateErr := domain.ParseDate(text)
		if dateErr != nil {
			if len(dateErr.Error()) > 400 {
				t.Fatalf("%d bytes are said about %d", len(dateErr.Error()), len(text))
			}
			return
		}
		if date.String() != text {
			t.Fatalf("%q is the date %s", text, date)
		}
		if months %= 1200; date > 400_000 && date < 3_000_000 {
			later := date.AddMonths(months)
			_, _, day := date.YMD()
			if _, _, got := later.YMD(); got > day || day <= 28 && got != day {
				t.Fatalf("%s and %d months are %s", date, months, later)
			}
		}
		if err == nil && date > 1 {
			start := date.StartIn(zone)
			if before := domain.DateIn(start.Add(-time.Nanosecond), zone); before >= date || domain.DateIn(start, zone) < date {
				t.Fatalf("%s starts in %s at %s", date, zone, start)
			}
		}
	})
}

// FuzzCSV writes an invoice with any text wherever there is some. It is read
// back cell by cell, and no text is taken for a formula.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"Acme", "=1+1", "@x", "\t=1", "-1", "\"a\",\nb", "\r\n+x", "a\rb", "\u00a0=x", "＝1", "\x00", "\xff", "'=1", "\ufeff=1"} {
		f.Add(s, s+"\n"+s)
	}
	invoice, _ := november().Invoice()
	raw, err := json.Marshal(invoice)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, note string) {
		var i domain.Invoice
		if err := json.Unmarshal(raw, &i); err != nil {
			t.Fatal(err)
		}
		invoices.Rename(&i, domain.Name(name), domain.Note(note))
		var out bytes.Buffer
		if err := i.WriteCSV(&out); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(out.Bytes())).ReadAll()
		if err != nil || len(rows) != len(i.Lines)+1 {
			t.Fatalf("%d rows for %d lines: %v\n%q", len(rows), len(i.Lines), err, out.String())
		}
		for n, row := range rows[1:] {
			harmless(t, rows[0], row)
			for column, want := range map[string]string{"customer_name": string(i.Lines[n].CustomerName), "description": i.Lines[n].Text(), "number": i.Number} {
				got := row[slices.Index(rows[0], column)]
				if got != want && got != "'"+want && !strings.Contains(want, "\r") && utf8.ValidString(want) {
					t.Fatalf("%s: %q became %q", column, want, got)
				}
			}
		}
	})
}

// harmless: no cell of text begins like a formula, whatever a spreadsheet skips before it.
func harmless(t *testing.T, head, row []string) {
	t.Helper()
	numbers := []string{"quantity", "unit_price", "days", "days_in_period", "net", "vat_rate"}
	for n, cell := range row {
		if cell == "" || slices.Contains(numbers, head[n]) {
			continue
		}
		if strings.ContainsAny(cell[:1], "=+-@\t\r") || strings.ContainsAny(strings.TrimSpace(cell)[:min(1, len(strings.TrimSpace(cell)))], "=+-@") {
			t.Fatalf("%s is %q", head[n], cell)
		}
	}
}
