package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

func TestTableFitsTheTerminal(t *testing.T) {
	note := "für das neue Büro\nin 東京 und " + strings.Repeat("anderswo ", 12)
	rows := []store.OrderRow{{
		Order: "portal~order-0001", Kind: "license", Contract: "C-1", Account: "acme", Product: "pro", Quantity: 5, Note: &note, State: "requested",
	}}
	for _, width := range []int{0, 100, 140, 400} {
		var out bytes.Buffer
		newTable[store.OrderRow](&out, width).print(rows)
		for line := range strings.Lines(out.String()) {
			line = strings.TrimRight(line, "\n")
			if w := runewidth.StringWidth(line); width > 0 && w > width {
				t.Errorf("%d columns on a terminal of %d: %s", w, width, line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("%q ends with spaces", line)
			}
		}
		whole := strings.Contains(out.String(), strings.TrimSpace(strings.ReplaceAll(note, "\n", " ")))
		if whole != (width == 0 || width == 400) {
			t.Errorf("at %d the note is in one piece: %v\n%s", width, whole, out.String())
		}
	}
}

func TestTableOfManyRows(t *testing.T) {
	var out bytes.Buffer
	p := newPrinter[store.SummaryRow](&out, false, 0)
	const many = 3*together + 7
	for i := range int64(many) {
		check(t, p.row(store.SummaryRow{Product: "東京", Owned: i}))
	}
	p.end()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != many+2 || !strings.HasPrefix(lines[0], "product  owned") || strings.Count(out.String(), "product") != 1 {
		t.Fatalf("%d lines, the first is %q", len(lines), lines[0])
	}
	for _, line := range lines[2:] {
		if runewidth.StringWidth(line) != runewidth.StringWidth(lines[0]) {
			t.Fatalf("%q does not stand below %q", line, lines[0])
		}
	}
}

func TestCells(t *testing.T) {
	license, price := "po-1~1", domain.Price{}
	check(t, price.UnmarshalJSON([]byte(`"120.00"`)))
	var out bytes.Buffer
	newTable[store.DeploymentRow](&out, 0).print([]store.DeploymentRow{{
		Deployment: "d", Items: []store.DeploymentItem{{Product: "pro", Quantity: 2, License: &license}, {Product: "lite", Quantity: 1}},
	}})
	newTable[store.ContractRow](&out, 0).print([]store.ContractRow{{
		Contract: "C", Products: []store.ContractOffer{{Product: "pro", Name: "Pro", Package: "p", Prices: domain.Prices{Term: &price}}},
	}})
	for _, want := range []string{"pro 2 license po-1~1, lite 1", "pro Pro p term 120.00"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\nhas no %q", out.String(), want)
		}
	}
}
