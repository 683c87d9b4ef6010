package invoice

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/invoices"
)

// tool gives a PDF to a program that others made, and returns what it says.
func tool(t rapid.TB, pdf []byte, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing; make setup installs it", name)
	}
	var problems bytes.Buffer
	command := exec.Command(path, args...)
	command.Stdin, command.Stderr = bytes.NewReader(pdf), &problems
	out, err := command.Output()
	if err != nil || problems.Len() > 0 {
		t.Fatalf("%s: %v: %s%s", name, err, out, problems.String())
	}
	return string(out)
}

// textOf is what a reader can find in the PDF, in the order in which it was drawn.
func textOf(t rapid.TB, pdf []byte) string {
	t.Helper()
	return strings.ReplaceAll(tool(t, pdf, "pdftotext", "-raw", "-", "-"), nbsp, " ")
}

func pageCount(t rapid.TB, pdf []byte) int {
	t.Helper()
	n, err := strconv.Atoi(property(t, pdf, "Pages"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func property(t rapid.TB, pdf []byte, name string) string {
	t.Helper()
	for line := range strings.Lines(tool(t, pdf, "pdfinfo", "-")) {
		if key, value, _ := strings.Cut(line, ":"); key == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// checked gives the PDF to qpdf, which reads nothing but files.
func checked(t rapid.TB, pdf []byte) {
	t.Helper()
	file, err := os.CreateTemp("", "*.pdf")
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(file.Name())
	if _, err := file.Write(pdf); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if out := tool(t, nil, "qpdf", "--check", file.Name()); !strings.Contains(out, "No syntax or stream encoding errors") {
		t.Fatal(out)
	}
}

func drawn(t rapid.TB, i *domain.Invoice) []byte {
	t.Helper()
	pdf, err := PDF(i)
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

// bare is a text without what drawing it may change: where it is broken, and
// how marks and widths of letters are written.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(s))
}

func TestEveryInvoiceCanBeReadAndSaysWhatItComesTo(t *testing.T) {
	invoices.Times(t, "20", func(t *rapid.T) {
		i := invoices.Generate(t)
		pdf := drawn(t, i)
		if !bytes.Equal(pdf, drawn(t, i)) {
			t.Fatal("drawn again, it is another file")
		}
		checked(t, pdf)
		text, w := textOf(t, pdf), wordsFor(i.Locale)
		for _, amount := range []decimal.Decimal{i.Net, i.VATTotal, i.Total} {
			if i.Type == domain.TypeCreditNote {
				amount = amount.Neg()
			}
			if !strings.Contains(text, w.amount(amount, i.Currency)) {
				t.Fatalf("%s is not in:\n%s", w.amount(amount, i.Currency), text)
			}
		}
		all := bare(text)
		for _, l := range i.Lines {
			for _, name := range []domain.Name{l.CustomerName, l.PurchaseOrder} {
				if want := bare(clean(string(name))); !strings.Contains(all, want) {
					t.Fatalf("%q is not in:\n%s", want, text)
				}
			}
		}
		for _, name := range []domain.Name{i.Seller.Name, i.Reseller.Name, i.Reseller.Address.City} {
			if want := bare(clean(string(name))); !strings.Contains(all, want) {
				t.Fatalf("%q is not in:\n%s", want, text)
			}
		}
		if n, said := pageCount(t, pdf), strings.Count(text, "\f"); n != said || !strings.Contains(text, w.page(strconv.Itoa(n), strconv.Itoa(n))) {
			t.Fatalf("%d pages, but %d with text:\n%s", n, said, text)
		}
	})
}

func TestASmallInvoice(t *testing.T) {
	t.Parallel()
	pdf := drawn(t, invoices.Sample())
	text := textOf(t, pdf)
	for _, want := range []string{
		"Invoice V-000042", "Lumen Software Ltd.", "12 Harbour Street", "D02 X285 Dublin", "VAT number IE6388047V", "billing@lumen.example",
		"Nordwind Lizenzhandel GmbH", "Haus C", "22767 Hamburg", "Germany", "VAT number DE136695976",
		"1 December 2026", "31 December 2026", "30 days", "November 2026", "C-1", "EUR",
		"Acme Corporation", "Seats, flexible plan, 21 to 30 November 2026", "10 × 12.50 × 10 ÷ 30 days", "41.67", "741.67",
		"Globex & Söhne", "Licenses for stock, bought on 3 November 2026", "Purchase order PO-4711", "Q4 stock", "12,000.00",
		"The day on which it is added is free", "VAT 0%", "on 12,741.67", "Reverse charge: VAT is due by the recipient (Article 196,",
		"Total due", "EUR 12,741.67", "IE29 AIBK 9311 5212 3456 78", "AIBKIE2D", "Page 1 of 1",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
	if n := strings.Count(text, "How days are counted"); n != 1 {
		t.Errorf("says %d times how days are counted", n)
	}
	checked(t, pdf)
}

func TestACreditNote(t *testing.T) {
	t.Parallel()
	i := invoices.CreditNote()
	text := textOf(t, drawn(t, i))
	for _, want := range []string{
		"Credit note V-000044", "refers to invoice V-000041 of 2 November 2026", "Adjustment of September 2026", "40 seats were counted twice",
		"480.00", "\u22122 12.50 \u221225.00", "Total credited", "EUR 1,655.00", "There is nothing to pay",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
	for _, not := range []string{"Due on", "Payment terms", "IBAN", "Please transfer"} {
		if strings.Contains(text, not) {
			t.Errorf("%q is in:\n%s", not, text)
		}
	}
}

// What is given back can have a higher rate than what is charged, so that the
// whole is below zero although the net is not.
func TestNothingToPay(t *testing.T) {
	t.Parallel()
	i := invoices.Sample()
	i.Total = decimal.NewFromInt(-5)
	text := textOf(t, drawn(t, i))
	if !strings.Contains(text, "There is nothing to pay.") || !strings.Contains(text, "EUR \u22125.00") || strings.Contains(text, "Due on") {
		t.Error(text)
	}
}

func TestAnInvoiceWithoutANumberIsADraft(t *testing.T) {
	t.Parallel()
	i := invoices.Sample()
	i.Number, i.IssuedOn, i.DueOn = "", 0, 0
	text := textOf(t, drawn(t, i))
	if !strings.Contains(text, "Invoice (Draft)") || strings.Contains(text, "Please transfer") {
		t.Error(text)
	}
}

func TestTheSameInThreeLanguages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		locale domain.Locale
		wants  []string
	}{
		{"en-GB", []string{"Invoice V-000042", "31 December 2026", "EUR 12,741.67", "VAT 0%"}},
		{"de-AT", []string{"Rechnung V-000042", "31. Dezember 2026", "12.741,67 EUR", "USt. 0 %", "21. bis 30. November 2026", "Deutschland"}},
		{"tr", []string{"Fatura V-000042", "31 Aralık 2026", "12.741,67 EUR", "KDV %0", "21 – 30 Kasım 2026", "Almanya"}},
		{"fr", []string{"Invoice V-000042"}},
		{"", []string{"Invoice V-000042"}},
	} {
		i := invoices.Sample()
		i.Locale = c.locale
		text := textOf(t, drawn(t, i))
		for _, want := range c.wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is not in:\n%s", c.locale, want, text)
			}
		}
	}
}

func TestProperties(t *testing.T) {
	t.Parallel()
	i := invoices.Sample()
	i.Locale, i.Seller.Name = "de", "Müller & \"Söhne\" <GmbH>"
	pdf := drawn(t, i)
	for name, want := range map[string]string{
		"Title": "Rechnung V-000042", "Author": "Müller & \"Söhne\" <GmbH>", "Subject": "Rechnung V-000042, November\u00a02026",
		"CreationDate": "Tue Dec  1 00:00:00 2026 UTC", "Encrypted": "no", "Page size": "595.28 x 841.89 pts (A4)",
	} {
		if got := property(t, pdf, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !bytes.Contains(pdf, []byte("/Lang (de)")) {
		t.Error("it does not say in which language it is")
	}
	metadata := xml.NewDecoder(strings.NewReader(tool(t, pdf, "pdfinfo", "-meta", "-")))
	var said string
	for {
		token, err := metadata.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := token.(xml.CharData); ok {
			said += string(text)
		}
	}
	if !strings.Contains(said, string(i.Seller.Name)) || !strings.Contains(said, "2026-12-01T00:00:00Z") {
		t.Error(said)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	all := []*domain.Invoice{invoices.Sample(), invoices.CreditNote(), invoices.Sample()}
	all[2].Reseller.Name = "株式会社ライセンス"
	want := make([][]byte, len(all))
	for n, i := range all {
		want[n] = drawn(t, i)
	}
	var group sync.WaitGroup
	for n := range 24 {
		group.Go(func() {
			if got, err := PDF(all[n%len(all)]); err != nil || !bytes.Equal(got, want[n%len(all)]) {
				t.Errorf("the %d. is another file (%v)", n, err)
			}
		})
	}
	group.Wait()
}

// An invoice that cannot be is answered with an error, not with a panic.
func TestABrokenInvoiceIsAnError(t *testing.T) {
	t.Parallel()
	i := invoices.Sample()
	days := int64(3)
	i.Lines[0].Days, i.Lines[0].DaysInPeriod = &days, nil
	if pdf, err := PDF(i); err == nil || pdf != nil {
		t.Errorf("%d bytes, %v", len(pdf), err)
	}
}

func BenchmarkSmallInvoice(b *testing.B) { benchmark(b, invoices.Sample()) }
func BenchmarkLongInvoice(b *testing.B)  { benchmark(b, invoices.Long()) }

func benchmark(b *testing.B, i *domain.Invoice) {
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := PDF(i); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "invoices/s")
}
