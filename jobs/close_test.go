package jobs_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestMonthsAreClosed lives three months of seats and purchases.
func TestMonthsAreClosed(t *testing.T) {
	l := start(t)
	l.clock("c-0", "2026-03-02T09:00:00Z")
	l.file("../examples/catalog.ndjson")
	l.apply(
		`{"id":"s","kind":"subscription.start",`+ada+`,"body":{"subscription":"flex","contract":"C-SEATS","account":"acme","product":"pro","plan":"flexible","seats":10,"cap":30}}`,
		`{"id":"p","kind":"license.purchase",`+ada+`,"body":{"contract":"C-DEVICES","account":"acme","product":"gateway","quantity":10}}`,
	)
	l.clock("c-1", "2026-04-20T10:00:00Z")
	l.apply(`{"id":"a","kind":"seats.change",` + ada + `,"body":{"subscription":"flex","delta":10}}`)
	l.clock("c-2", "2026-05-03T10:00:00Z")
	l.apply(`{"id":"c","kind":"charge.correct","body":{"contract":"C-SEATS","account":"acme","product":"pro","period":"2026-04","amount":"-400.00","why":"a discount that was promised"}}`)
	l.apply(`{"id":"e","kind":"subscription.end",` + ada + `,"body":{"subscription":"flex"}}`)
	l.clock("c-3", "2026-06-15T10:00:00Z")

	var got []string
	for _, doc := range l.texts(`SELECT convert_from(content, 'UTF8') FROM documents JOIN invoices USING (contract, period) WHERE format = 'json' ORDER BY n`) {
		var i struct {
			Number, Contract, Period, Currency, Net string
			Type                                    int
			VATTotal                                string `json:"vat_total"`
			Total                                   string
			IssuedOn                                string `json:"issued_on"`
			Lines                                   []struct {
				Description string
				Quantity    int64
				Days        *int64
				Net         string
			}
		}
		check(t, json.Unmarshal([]byte(doc), &i))
		got = append(got, fmt.Sprintf("%s %d %s %s %s: %s + %s = %s", i.Number, i.Type, i.Contract, i.Period, i.IssuedOn, i.Net, i.VATTotal, i.Total))
		for _, line := range i.Lines {
			days := "full"
			if line.Days != nil {
				days = fmt.Sprint(*line.Days)
			}
			got = append(got, fmt.Sprintf("  %d × %s days: %s (%s)", line.Quantity, days, line.Net, line.Description))
		}
	}
	t.Log(strings.Join(got, "\n"))
	t.Log(strings.Join(l.texts(`SELECT event || ' ' || recipient || ' ' || params::text FROM mail WHERE event IN ('invoice.issued', 'month.closed') ORDER BY no, n`), "\n"))
	t.Log(strings.Join(l.texts(`SELECT contract || ' ' || period || ' ' || state || ' ' || detail FROM closes ORDER BY due_at, contract`), "\n"))
	l.verify()
}
