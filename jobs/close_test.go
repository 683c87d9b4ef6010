package jobs_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	for _, doc := range l.texts(`SELECT convert_from(documents.content, 'UTF8') FROM documents JOIN invoices USING (contract, period) WHERE format = 'json' ORDER BY n`) {
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
	want := []string{
		"LUM-000001 380 C-DEVICES 2026-03 2026-04-01: 2499.00 + 574.77 = 3073.77",
		"  10 × full days: 2499.00 (10 licenses Lumen Gateway, 2 March 2026)",
		"LUM-000002 380 C-SEATS 2026-03 2026-04-01: 116.94 + 26.90 = 143.84",
		"  10 × 29 days: 116.94 (10 flexible seats Lumen Professional, 3 to 31 March, 29 of 31 days)",
		"LUM-000003 380 C-SEATS 2026-04 2026-05-01: 166.67 + 38.33 = 205.00",
		"  10 × 30 days: 125.00 (10 flexible seats Lumen Professional, April)",
		"  10 × 10 days: 41.67 (10 flexible seats Lumen Professional, 21 to 30 April, 10 of 30 days)",
		"LUM-000004 381 C-SEATS 2026-05 2026-06-01: -375.81 + -86.44 = -462.25",
		"  20 × 3 days: 24.19 (20 flexible seats Lumen Professional, 1 to 3 May, 3 of 31 days)",
		"  1 × full days: -400.00 (2026-04: a discount that was promised)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("invoices (-want +got):\n%s", diff)
	}
	l.want(`SELECT event || ' ' || recipient || ' ' || coalesce(params #>> '{invoice,number}', params #>> '{month,period}')
		FROM mail WHERE event IN ('invoice.issued', 'month.closed') ORDER BY no, n`,
		"invoice.issued accounts@northwind.example LUM-000001", "invoice.issued accounts@northwind.example LUM-000002",
		"month.closed finance@lumen.example 2026-03",
		"invoice.issued accounts@northwind.example LUM-000003", "month.closed finance@lumen.example 2026-04",
		"invoice.issued accounts@northwind.example LUM-000004", "month.closed finance@lumen.example 2026-05")
	l.verify()
}
