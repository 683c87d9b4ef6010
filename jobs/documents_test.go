package jobs_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"os/exec"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/invoices"
	"github.com/licenseledger/licenseledger/notify"
)

// sums are net, VAT and total as a document says them. A credit note says with
// its type what an invoice says with a sign: PDF and XML name what is credited.
type sums struct{ Net, VAT, Total decimal.Decimal }

func (s sums) equal(o sums) bool {
	return s.Net.Equal(o.Net) && s.VAT.Equal(o.VAT) && s.Total.Equal(o.Total)
}

func (s sums) negated() sums { return sums{s.Net.Neg(), s.VAT.Neg(), s.Total.Neg()} }

// TestAllDocumentsSayTheSame reads the documents of random invoices back with
// readers that know nothing of how they were written.
func TestAllDocumentsSayTheSame(t *testing.T) {
	invoices.Times(t, "25", func(t *rapid.T) {
		i := invoices.Generate(t)
		documents, err := notify.Documents(i)
		if err != nil {
			t.Fatal(err)
		}
		again, err := notify.Documents(i)
		if err != nil {
			t.Fatal(err)
		}
		for format, content := range documents {
			if !bytes.Equal(content, again[format]) {
				t.Errorf("%s is another one when it is made again", format)
			}
		}
		want := sums{i.Net, i.VATTotal, i.Total}
		if got := fromJSON(t, documents["json"]); !got.equal(want) {
			t.Errorf("JSON says %v, want %v", got, want)
		}
		if net := fromCSV(t, documents["csv"]); !net.Equal(i.Net) {
			t.Errorf("the column net of the CSV sums to %s, want %s", net, i.Net)
		}
		shown := want
		if i.Type == domain.TypeCreditNote {
			shown = want.negated()
		}
		if got := fromXML(t, documents["xml"]); !got.equal(shown) {
			t.Errorf("XML says %v, want %v", got, shown)
		}
		i.Locale = "en"
		inEnglish, err := notify.Documents(i)
		if err != nil {
			t.Fatal(err)
		}
		text := fromPDF(t, inEnglish["pdf"])
		for _, amount := range []decimal.Decimal{shown.Net, shown.Total} {
			if figure := grouped(i.Money(amount)); !strings.Contains(text, figure) {
				t.Errorf("the PDF does not say %s:\n%s", figure, text)
			}
		}
	})
}

func fromJSON(t *rapid.T, content []byte) (s sums) {
	var read struct {
		Net      decimal.Decimal
		VATTotal decimal.Decimal `json:"vat_total"`
		Total    decimal.Decimal
	}
	if err := json.Unmarshal(content, &read); err != nil {
		t.Fatal(err)
	}
	return sums{read.Net, read.VATTotal, read.Total}
}

func fromCSV(t *rapid.T, content []byte) (net decimal.Decimal) {
	rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := -1
	for column, name := range rows[0] {
		if name == "net" {
			at = column
		}
	}
	for _, row := range rows[1:] {
		net = net.Add(decimal.RequireFromString(row[at]))
	}
	return net
}

func fromXML(t *rapid.T, content []byte) sums {
	var read struct {
		Tax struct{ TaxAmount decimal.Decimal }                              `xml:"TaxTotal"`
		Sum struct{ TaxExclusiveAmount, TaxInclusiveAmount decimal.Decimal } `xml:"LegalMonetaryTotal"`
	}
	if err := xml.Unmarshal(content, &read); err != nil {
		t.Fatal(err)
	}
	return sums{read.Sum.TaxExclusiveAmount, read.Tax.TaxAmount, read.Sum.TaxInclusiveAmount}
}

func fromPDF(t *rapid.T, content []byte) string {
	cmd := exec.Command("pdftotext", "-raw", "-", "-")
	cmd.Stdin = bytes.NewReader(content)
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("\u00a0", " ", "−", "-").Replace(string(text))
}

// grouped writes 1234.50 as 1,234.50.
func grouped(amount string) string {
	whole, cents, _ := strings.Cut(amount, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if cents == "" {
		return whole
	}
	return whole + "." + cents
}
