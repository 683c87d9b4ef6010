package ubl_test

import (
	"bytes"
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/invoices"
	"github.com/licenseledger/licenseledger/notify/ubl"
)

var update = flag.Bool("update", false, "rewrite testdata/*.xml")

func written(t testing.TB, i *domain.Invoice) string {
	t.Helper()
	out, err := ubl.XML(i)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func read(t testing.TB, i *domain.Invoice) *node {
	t.Helper()
	return parse(t, []byte(written(t, i)))
}

func money(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// The expectations are kept as files: go test ./notify/ubl -update rewrites them.
func TestSamplesAsXML(t *testing.T) {
	t.Parallel()
	for file, i := range map[string]*domain.Invoice{"testdata/invoice.xml": invoices.Sample(), "testdata/credit-note.xml": invoices.CreditNote()} {
		got := []byte(written(t, i))
		if *update {
			if err := os.WriteFile(file, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s says something else:\n%s", file, got)
		}
	}
}

// Net, VAT and total are those of the other documents; a credit note says with
// its type what is below zero there.
func TestTheXMLSaysWhatTheInvoiceSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		i := invoices.Generate(rt)
		d := read(t, i)
		sign, kind, code := decimal.NewFromInt(1), "Invoice", "InvoiceTypeCode"
		if i.Type == domain.TypeCreditNote {
			sign, kind, code = sign.Neg(), "CreditNote", "CreditNoteTypeCode"
		}
		if d.name != kind || d.at(code) != strconv.Itoa(i.Type) || d.space != "urn:oasis:names:specification:ubl:schema:xsd:"+kind+"-2" {
			rt.Fatalf("type %d is a %s of type %s", i.Type, d.name, d.at(code))
		}
		for path, want := range map[string]decimal.Decimal{totals + "TaxExclusiveAmount": i.Net, "TaxTotal/TaxAmount": i.VATTotal, totals + "PayableAmount": i.Total} {
			if got := d.number(path); !got.Mul(sign).Equal(want) {
				rt.Fatalf("%s is %s, not %s", path, got, want)
			}
		}
		if i.Preceding != nil && d.at("BillingReference/InvoiceDocumentReference/ID")+d.at("BillingReference/InvoiceDocumentReference/IssueDate") != i.Preceding.Number+i.Preceding.IssuedOn.String() {
			rt.Fatal("the invoice that is credited is missing")
		}
		lines := d.all(kind + "Line")
		if len(lines) != len(i.Lines) {
			rt.Fatalf("%d lines, not %d", len(lines), len(i.Lines))
		}
		for n, l := range i.Lines {
			x := lines[n]
			quantity := x.number("Quantity")
			if !x.number("LineExtensionAmount").Mul(sign).Equal(l.Net) || !quantity.Abs().Equal(decimal.NewFromInt(l.Quantity)) ||
				x.at("InvoicePeriod/StartDate") != l.From.String() || x.at("InvoicePeriod/EndDate") != l.To.String() {
				rt.Fatalf("line %d: %s × %s for %s in place of %+v", n+1, x.at("Quantity"), x.at("Price/PriceAmount"), x.at("InvoicePeriod/StartDate"), l)
			}
			order := d.at("OrderReference/ID")
			if l.PurchaseOrder != "" && order != string(l.PurchaseOrder) && !strings.Contains(x.at("Note"), "Purchase order: "+string(l.PurchaseOrder)) {
				rt.Fatalf("line %d does not name its purchase order %s", n+1, l.PurchaseOrder)
			}
		}
	})
}

func TestTheSameInvoiceGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		i := invoices.Generate(rt)
		first, second := written(t, i), written(t, i)
		if first != second {
			rt.Fatalf("first\n%s\nthen\n%s", first, second)
		}
	})
}

func TestADraftHasNoXML(t *testing.T) {
	t.Parallel()
	i := invoices.Sample()
	i.Number = ""
	if out, err := ubl.XML(i); err == nil {
		t.Errorf("got %s", out)
	}
}

func TestPriceOfTheDaysCharged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		currency   domain.Currency
		quantity   int64
		price, net string
		days, of   int64
		want       string
	}{
		{"EUR", 10, "12.345", "41.15", 10, 30, "4.115"},
		{"EUR", 10, "12.50", "125", 30, 30, "12.50"}, // all days
		{"EUR", 3, "120", "360", 0, 0, "120.00"},     // no days
		{"EUR", 1, "99.999", "100", 0, 0, "99.999"},  // a price keeps its digits
		{"EUR", 1, "-12.50", "-12.50", 0, 0, "12.50"},
		{"EUR", 7, "10", "23.33", 10, 30, "3.33333333"},
		{"EUR", 1_000_000, "0.1", "64516.13", 20, 31, "0.06451613"},
		{"EUR", 5, "0", "0", 0, 0, "0.00"},
		{"JPY", 3, "1000", "1000", 10, 30, "333.33333333"},
		{"JPY", 10, "1200", "12000", 30, 30, "1200"},
		{"JPY", 3, "12.345", "37", 30, 30, "12.33333333"}, // 37.035 in yen
	} {
		i := invoices.Sample()
		i.Currency = c.currency
		l := &i.Lines[0]
		l.Quantity, l.UnitPrice.Price, l.Net, l.Days, l.DaysInPeriod = c.quantity, domain.Price{Decimal: money(c.price)}, money(c.net), &c.days, &c.of
		if c.of == 0 {
			l.Days, l.DaysInPeriod = nil, nil
		}
		x := read(t, i).all("Line")[0]
		if got := x.at("Price/PriceAmount"); got != c.want {
			t.Errorf("%d × %s for %d of %d days in %s: %s, not %s", c.quantity, c.price, c.days, c.of, c.currency, got, c.want)
		}
		if explained := len(x.all("Item/AdditionalItemProperty")) > 0; explained != (c.days != c.of) {
			t.Errorf("%d of %d days: explained: %t", c.days, c.of, explained)
		}
	}
}

func TestVATIdentifiers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		country domain.Country
		number  domain.Name
		want    string
	}{
		{"DE", "DE136695976", "DE136695976"},
		{"DE", "136695976", "DE136695976"},
		{"DE", "de 136 695 976", "DE136695976"},
		{"AT", "U62895905", "ATU62895905"},
		{"GR", "094259216", "EL094259216"},
		{"GR", "GR094259216", "EL094259216"},
		{"EL", "EL094259216", "EL094259216"},
		{"DE", "ATU62895905", "ATU62895905"}, // registered in another member country
		{"GB", "XI123456789", "XI123456789"},
		{"CH", "CHE-116.281.710 MWST", "CHE-116.281.710MWST"},
		{"DE", "", ""},
	} {
		i := invoices.Sample()
		i.Reseller.Address.Country, i.Reseller.VATNumber = c.country, c.number
		d := read(t, i)
		if got := d.at(buyerVAT); got != c.want {
			t.Errorf("%s of %s is %s, not %s", c.number, c.country, got, c.want)
		}
		if got := d.at("AccountingCustomerParty/Party/PostalAddress/Country/IdentificationCode"); got == "EL" {
			t.Error("a country EL")
		}
	}
}

// taxed gives the lines of the sample other categories in turn, and sums them up.
func taxed(i *domain.Invoice, categories ...domain.VATLine) *domain.Invoice {
	for n := range categories {
		categories[n].Base = decimal.Zero
	}
	for n := range i.Lines {
		v := &categories[n%len(categories)]
		i.Lines[n].VATCategory, i.Lines[n].VATRate = v.Category, v.Rate
		v.Base = v.Base.Add(i.Lines[n].Net)
	}
	i.VAT, i.VATTotal = categories, decimal.Zero
	for n, v := range i.VAT {
		i.VAT[n].Amount = domain.RoundFraction(v.Base.Mul(v.Rate), 100, string(i.Currency))
		i.VATTotal = i.VATTotal.Add(i.VAT[n].Amount)
	}
	i.Total = i.Net.Add(i.VATTotal)
	return i
}

// odd are invoices that the standard cannot take as they are.
func odd() map[string]*domain.Invoice {
	return map[string]*domain.Invoice{
		"not subject to VAT beside a rate":           taxed(invoices.Sample(), domain.VATLine{Category: "O"}, domain.VATLine{Category: "S", Rate: money("8.1")}),
		"not subject to VAT beside a reverse charge": taxed(invoices.Sample(), domain.VATLine{Category: "O"}, domain.VATLine{Category: "AE"}),
		"a standard rate of zero":                    taxed(invoices.Sample(), domain.VATLine{Category: "S"}),
		"a standard rate of zero beside another":     taxed(invoices.Sample(), domain.VATLine{Category: "S"}, domain.VATLine{Category: "S", Rate: money("21")}),
	}
}

func TestWhatTheStandardCannotTakeIsSaidAnotherWay(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"not subject to VAT beside a rate": "E 0 S 8.1", "not subject to VAT beside a reverse charge": "E 0 AE 0",
		"a standard rate of zero": "Z 0", "a standard rate of zero beside another": "Z 0 S 21",
	}
	for name, i := range odd() {
		d := read(t, i)
		var got []string
		for _, c := range d.all(breakdown + "/TaxCategory") {
			got = append(got, category(c))
		}
		if ids := broken(d); len(ids) > 0 || strings.Join(got, " ") != want[name] {
			t.Errorf("%s: %v, breaks %s", name, got, strings.Join(ids, "; "))
		}
	}
}

func TestHowToPay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change    func(i *domain.Invoice)
		code, due string
	}{
		"by SEPA":                          {func(*domain.Invoice) {}, "58", "2026-12-31"},
		"in another currency":              {func(i *domain.Invoice) { i.Currency = "USD" }, "30", "2026-12-31"},
		"to an account outside the EU":     {func(i *domain.Invoice) { i.Seller.IBAN = "TR33 0006 1005 1978 6457 8413 26" }, "30", "2026-12-31"},
		"without an account":               {func(i *domain.Invoice) { i.Seller.IBAN = "" }, "", "2026-12-31"},
		"nothing":                          {func(i *domain.Invoice) { i.Total = decimal.Zero }, "", ""},
		"less than nothing":                {func(i *domain.Invoice) { i.Total = money("-1") }, "", ""},
		"a credit note":                    {func(i *domain.Invoice) { *i = *invoices.CreditNote() }, "", ""},
		"VAT of a credit note, owed after": {func(i *domain.Invoice) { *i = *invoices.CreditNote(); i.Total = money("5") }, "58", "2026-12-31"},
	} {
		i := invoices.Sample()
		c.change(i)
		d := read(t, i)
		due := d.at("DueDate") + d.at("PaymentMeans/PaymentDueDate")
		if code := d.at("PaymentMeans/PaymentMeansCode"); code != c.code || due != c.due {
			t.Errorf("%s: code %s, due on %s", name, code, due)
		}
		if account := d.at("PaymentMeans/PayeeFinancialAccount/ID"); strings.Contains(account, " ") {
			t.Errorf("%s: account %s", name, account)
		}
	}
}

func TestPurchaseOrders(t *testing.T) {
	t.Parallel()
	i := invoices.Sample()
	for n := range i.Lines {
		i.Lines[n].PurchaseOrder = "PO-1"
	}
	if d := read(t, i); d.at("OrderReference/ID") != "PO-1" || strings.Contains(d.at("Line/Note"), "PO-1") {
		t.Errorf("of all lines: %q, of the first: %q", d.at("OrderReference/ID"), d.at("Line/Note"))
	}
	i.Lines[0].PurchaseOrder = "PO-2"
	if d := read(t, i); d.at("OrderReference/ID") != "" || !strings.Contains(d.at("Line/Note"), "PO-2") {
		t.Errorf("of all lines: %q, of the first: %q", d.at("OrderReference/ID"), d.at("Line/Note"))
	}
}

// Upstream's texts cannot break the document, nor leave an element empty.
func TestTextsOfUpstream(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.String().Draw(rt, "text") + rapid.SampledFrom([]string{"", "\x00", "\x1b[31m", "\uFFFE", "]]>", "<!--", "&#0;", "\xff", "\r\n", "\u0085"}).Draw(rt, "tail")
		i := invoices.Sample()
		i.Seller.Address.Line2, i.Reseller.Address.City, i.Seller.BIC, i.Reseller.VATNumber = domain.Name(text), domain.Name(text), domain.Name(text), domain.Name("DE1"+text)
		i.Lines[0].ProductName, i.Lines[0].CustomerName, i.Lines[0].Note, i.Lines[0].PurchaseOrder = domain.Name(text), domain.Name(text), domain.Note(text), domain.Name(text)
		if ids := broken(read(t, i)); len(ids) > 0 {
			rt.Fatalf("breaks %s", strings.Join(ids, "; "))
		}
	})
}

func TestControlCharactersAreDropped(t *testing.T) {
	t.Parallel()
	for text, want := range map[domain.Name]string{
		"\x1b[31mred\x00\x7f": "[31mred", "a\u0085b\ufffec": "ab\uFFFDc", "  \tspaced\r\n ": "spaced", "\"<b>\" & 'c' ]]>": "\"<b>\" & 'c' ]]>", "名前 🚀": "名前 🚀", "\x01": "edge",
	} {
		i := invoices.Sample()
		i.Lines[0].ProductName = text
		if got := read(t, i).at("Line/Item/Name"); got != want {
			t.Errorf("%q is written as %q, not %q", text, got, want)
		}
	}
	i := invoices.Sample()
	i.Lines[0].Kind, i.Lines[0].Note = domain.LinePurchase, "first\n\tsecond"
	if got := read(t, i).at("Line/Item/Description"); !strings.HasSuffix(got, "\nfirst\n\tsecond") {
		t.Errorf("the lines of a note are lost in %q", got)
	}
}
