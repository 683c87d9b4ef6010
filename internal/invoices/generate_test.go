package invoices_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/invoices"
)

// What is drawn must be worth testing with: no case may be missing.
func TestEveryCaseIsDrawn(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	drawn := rapid.Custom(invoices.Generate)
	for seed := range 200 {
		i := drawn.Example(seed)
		seen["in "+string(i.Currency)]++
		seen["for "+string(i.Locale)]++
		for _, l := range i.Lines {
			seen["of "+string(l.Kind)]++
		}
		for _, v := range i.VAT {
			seen["taxed "+string(v.Category)]++
		}
		for name, is := range map[string]bool{
			"credit note": i.Type == domain.TypeCreditNote, "naming another": i.Preceding != nil, "several rates": len(i.VAT) > 1,
			"long": len(i.Lines) > 60, "several customers": i.Lines[0].Customer != i.Lines[len(i.Lines)-1].Customer,
		} {
			if is {
				seen[name]++
			}
		}
	}
	for _, what := range []string{
		"in EUR", "in USD", "in JPY", "taxed S", "taxed AE", "taxed G", "taxed O", "for en", "for de", "for de-AT", "for tr", "for fr",
		"of seats", "of year", "of purchase", "of stock", "of renewal", "of adjustment",
		"credit note", "naming another", "several rates", "long", "several customers",
	} {
		if seen[what] == 0 {
			t.Errorf("none %s among %v", what, seen)
		}
	}
}

func TestSamples(t *testing.T) {
	t.Parallel()
	for name, i := range map[string]*domain.Invoice{"Sample": invoices.Sample(), "Long": invoices.Long(), "CreditNote": invoices.CreditNote()} {
		t.Logf("%s: %d lines, net %s, VAT %s, total %s", name, len(i.Lines), i.Net, i.VATTotal, i.Total)
		if (i.Type == domain.TypeCreditNote) != (name == "CreditNote") {
			t.Errorf("%s has type %d", name, i.Type)
		}
	}
	if n := len(invoices.Long().VAT); n != 2 {
		t.Errorf("the long one has %d rates", n)
	}
}

// An invoice is stored as JSON; its documents are made of what is read back.
func TestInvoicesAreReadBackAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := invoices.Generate(t)
		raw, err := json.Marshal(i)
		if err != nil {
			t.Fatal(err)
		}
		var back domain.Invoice
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(back)
		if err != nil || !bytes.Equal(raw, again) {
			t.Fatalf("%v\n%s\n%s", err, raw, again)
		}
	})
}
