package ubl_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/invoices"
	"github.com/licenseledger/licenseledger/notify/ubl"
)

const (
	lineCategory = "Item/ClassifiedTaxCategory"
	breakdown    = "TaxTotal/TaxSubtotal"
	totals       = "LegalMonetaryTotal/"
	sellerVAT    = "AccountingSupplierParty/Party/PartyTaxScheme/CompanyID"
	buyerVAT     = "AccountingCustomerParty/Party/PartyTaxScheme/CompanyID"
)

var cent = decimal.New(1, -2)

// rule is one of EN 16931 or of Peppol BIS Billing 3 about a whole document.
// Where the official check allows for rounding, these do not.
type rule struct {
	id    string
	holds func(d *node) bool
}

var rules = []rule{
	{"BR-02", func(d *node) bool { return d.at("ID") != "" }},
	{"BR-03", func(d *node) bool { return isoDate.MatchString(d.at("IssueDate")) }},
	{"BR-16", func(d *node) bool { return len(d.all("Line")) > 0 }},
	{"BR-21", func(d *node) bool {
		seen := map[string]bool{}
		for _, l := range d.all("Line") {
			seen[l.at("ID")] = true
		}
		return len(seen) == len(d.all("Line")) && !seen[""]
	}},
	{"BR-22, BR-23, BR-25, BR-26", everyLine(func(l *node) bool {
		return l.at("Quantity") != "" && l.all("Quantity")[0].attr["unitCode"] == "C62" && l.at("Item/Name") != "" && l.at("Price/PriceAmount") != ""
	})},
	{"BR-27", everyLine(func(l *node) bool { return !l.number("Price/PriceAmount").IsNegative() })},
	{"BR-29, BR-30", func(d *node) bool {
		ends := func(n *node) bool { return n.at("InvoicePeriod/StartDate") <= n.at("InvoicePeriod/EndDate") }
		return ends(d) && everyLine(ends)(d)
	}},
	{"BR-50, BR-61", func(d *node) bool {
		for _, p := range d.all("PaymentMeans") {
			if !slices.Contains([]string{"30", "58"}, p.at("PaymentMeansCode")) || p.at("PayeeFinancialAccount/ID") == "" || p.at("PaymentID") != d.at("ID") {
				return false
			}
		}
		return true
	}},
	{"BR-55", func(d *node) bool {
		return len(d.all("BillingReference")) == 0 || d.at("BillingReference/InvoiceDocumentReference/ID") != ""
	}},
	{"BR-CO-04", everyLine(func(l *node) bool {
		return len(l.all(lineCategory)) == 1 && l.at(lineCategory+"/TaxScheme/ID") == "VAT"
	})},
	{"BR-CO-09", func(d *node) bool {
		prefix := regexp.MustCompile(`^[A-Z]{2}.+`)
		for _, n := range append(d.all(sellerVAT), d.all(buyerVAT)...) {
			if !prefix.MatchString(n.text) || strings.HasPrefix(n.text, "GR") {
				return false
			}
		}
		return true
	}},
	{"BR-CO-10", func(d *node) bool {
		return d.sum("Line/LineExtensionAmount").Equal(d.number(totals + "LineExtensionAmount"))
	}},
	{"BR-CO-13", func(d *node) bool {
		return d.number(totals + "LineExtensionAmount").Equal(d.number(totals + "TaxExclusiveAmount"))
	}},
	{"BR-CO-14", func(d *node) bool { return d.sum(breakdown + "/TaxAmount").Equal(d.number("TaxTotal/TaxAmount")) }},
	{"BR-CO-15", func(d *node) bool {
		return d.number(totals + "TaxExclusiveAmount").Add(d.number("TaxTotal/TaxAmount")).Equal(d.number(totals + "TaxInclusiveAmount"))
	}},
	{"BR-CO-16", func(d *node) bool {
		return d.number(totals + "TaxInclusiveAmount").Equal(d.number(totals + "PayableAmount"))
	}},
	{"BR-CO-17, BR-S-09", everyBreakdown(func(b, d *node) bool {
		rate := decimal.Zero
		if b.at("TaxCategory/Percent") != "" {
			rate = b.number("TaxCategory/Percent")
		}
		exact := b.number("TaxableAmount").Mul(rate).Div(decimal.NewFromInt(100))
		return b.number("TaxAmount").Equal(exact.Round(domain.MinorDigits(d.at("DocumentCurrencyCode"))))
	})},
	{"BR-CO-18", func(d *node) bool { return len(d.all(breakdown)) > 0 }},
	{"BR-CO-25", func(d *node) bool {
		due := d.at("DueDate") + d.at("PaymentMeans/PaymentDueDate")
		return d.at("PaymentTerms/Note") != "" && (due != "") == owed(d)
	}},
	{"BR-CO-26", func(d *node) bool { return d.at("AccountingSupplierParty/Party/PartyIdentification/ID") != "" }},
	{"BR-DEC-12 to BR-DEC-23", func(d *node) bool {
		digits, right := domain.MinorDigits(d.at("DocumentCurrencyCode")), true
		d.walk(func(n *node) {
			if n.attr["currencyID"] == "" || n.name == "PriceAmount" {
				return
			}
			_, fraction, _ := strings.Cut(n.text, ".")
			right = right && int32(len(fraction)) == digits
		})
		return right
	}},
	{"BR-S-08, BR-AE-08, BR-G-08, BR-O-08", everyBreakdown(func(b, d *node) bool {
		var sum decimal.Decimal
		for _, l := range d.all("Line") {
			if category(l.all(lineCategory)[0]) == category(b.all("TaxCategory")[0]) {
				sum = sum.Add(l.number("LineExtensionAmount"))
			}
		}
		return sum.Equal(b.number("TaxableAmount"))
	})},
	{"BR-S-01, BR-AE-01, BR-G-01, BR-O-01", func(d *node) bool {
		lines, sums := map[string]bool{}, map[string]bool{}
		for _, c := range d.all("Line/" + lineCategory) {
			lines[category(c)] = true
		}
		for _, c := range d.all(breakdown + "/TaxCategory") {
			sums[category(c)] = true
		}
		return len(lines) == len(sums) && len(sums) == len(d.all(breakdown)) && everyLine(func(l *node) bool { return sums[category(l.all(lineCategory)[0])] })(d)
	}},
	{"BR-S-05", everyCategory("S", func(c, _ *node) bool { return c.number("Percent").IsPositive() })},
	{"BR-AE-05, BR-G-05, BR-E-05, BR-Z-05", everyCategory("AE G E Z", func(c, _ *node) bool { return c.at("Percent") == "0" })},
	{"BR-O-05", everyCategory("O", func(c, _ *node) bool { return len(c.all("Percent")) == 0 })},
	{"BR-O-02", everyCategory("O", func(_, d *node) bool { return d.at(sellerVAT)+d.at(buyerVAT) == "" })},
	{"BR-O-11, BR-O-12", everyCategory("O", func(_, d *node) bool { return len(d.all(breakdown)) == 1 })},
	{"BR-S-02, BR-AE-02, BR-G-02", everyCategory("S AE G E Z", func(_, d *node) bool { return d.at(sellerVAT) != "" })},
	{"BR-AE-02", everyCategory("AE", func(_, d *node) bool { return d.at(buyerVAT) != "" })},
	{"BR-AE-10, BR-G-10, BR-O-10", func(d *node) bool {
		codes := map[string]string{"AE": "VATEX-EU-AE", "G": "VATEX-EU-G", "O": "VATEX-EU-O"}
		for _, c := range d.all(breakdown + "/TaxCategory") {
			exempt := !slices.Contains([]string{"S", "Z"}, c.at("ID"))
			if c.at("TaxExemptionReasonCode") != codes[c.at("ID")] || (c.at("TaxExemptionReason") != "") != exempt {
				return false
			}
		}
		return true
	}},
	{"PEPPOL-R003", func(d *node) bool { return d.at("BuyerReference") != "" }},
	{"PEPPOL-R008", func(d *node) bool {
		filled := true
		d.walk(func(n *node) { filled = filled && (len(n.children) > 0 || strings.Trim(n.text, " \t\r\n") != "") })
		return filled
	}},
	{"PEPPOL-R010, PEPPOL-R020", func(d *node) bool {
		for _, side := range []string{"AccountingSupplierParty", "AccountingCustomerParty"} {
			if !strings.Contains(d.at(side+"/Party/EndpointID"), "@") {
				return false
			}
		}
		return true
	}},
	{"PEPPOL-R051", func(d *node) bool {
		one := true
		d.walk(func(n *node) {
			if strings.HasSuffix(n.name, "Amount") {
				one = one && n.attr["currencyID"] == d.at("DocumentCurrencyCode")
			}
		})
		return one
	}},
	{"PEPPOL-R110, PEPPOL-R111", func(d *node) bool {
		return everyLine(func(l *node) bool {
			return l.at("InvoicePeriod/StartDate") >= d.at("InvoicePeriod/StartDate") && l.at("InvoicePeriod/EndDate") <= d.at("InvoicePeriod/EndDate")
		})(d)
	}},
	// The rule allows 0.02.
	{"PEPPOL-R120", everyLine(func(l *node) bool {
		product := l.number("Quantity").Mul(l.number("Price/PriceAmount"))
		return product.Sub(l.number("LineExtensionAmount")).Abs().LessThanOrEqual(cent) && len(l.all("Price/BaseQuantity")) == 0
	})},
}

var isoDate = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)

// owed says whether the buyer has something to pay: of a credit note, what is
// above zero is the seller's to pay.
func owed(d *node) bool {
	payable := d.number(totals + "PayableAmount")
	if d.name == "CreditNote" {
		payable = payable.Neg()
	}
	return payable.IsPositive()
}

func category(c *node) string { return c.at("ID") + " " + c.at("Percent") }

func everyLine(holds func(l *node) bool) func(*node) bool {
	return func(d *node) bool {
		return !slices.ContainsFunc(d.all("Line"), func(l *node) bool { return !holds(l) })
	}
}

func everyBreakdown(holds func(b, d *node) bool) func(*node) bool {
	return func(d *node) bool {
		return !slices.ContainsFunc(d.all(breakdown), func(b *node) bool { return !holds(b, d) })
	}
}

// everyCategory is about the categories with one of the codes, of lines and of breakdowns.
func everyCategory(codes string, holds func(c, d *node) bool) func(*node) bool {
	return func(d *node) bool {
		return !slices.ContainsFunc(append(d.all("Line/"+lineCategory), d.all(breakdown+"/TaxCategory")...), func(c *node) bool {
			return slices.Contains(strings.Fields(codes), c.at("ID")) && !holds(c, d)
		})
	}
}

// broken are the rules that a document breaks.
func broken(d *node) []string {
	var ids []string
	for _, r := range rules {
		if !r.holds(d) {
			ids = append(ids, r.id)
		}
	}
	return ids
}

func TestEveryInvoiceKeepsTheRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		i := invoices.Generate(rt)
		out, err := ubl.XML(i)
		if err != nil {
			rt.Fatal(err)
		}
		if ids := broken(parse(t, out)); len(ids) > 0 {
			rt.Fatalf("breaks %s\n%s", strings.Join(ids, "; "), out)
		}
	})
}

// Rules that nothing can break check nothing.
func TestTheRulesFindWhatIsWrong(t *testing.T) {
	t.Parallel()
	whole := written(t, invoices.Sample())
	for _, c := range []struct{ id, from, to string }{
		{"BR-CO-10", `<cbc:LineExtensionAmount currencyID="EUR">200.00<`, `<cbc:LineExtensionAmount currencyID="EUR">200.01<`},
		{"BR-CO-16", `<cbc:PayableAmount currencyID="EUR">`, `<cbc:PayableAmount currencyID="EUR">1`},
		{"BR-DEC-12 to BR-DEC-23", `<cbc:LineExtensionAmount currencyID="EUR">200.00<`, `<cbc:LineExtensionAmount currencyID="EUR">200.000<`},
		{"BR-27", `<cbc:PriceAmount currencyID="EUR">`, `<cbc:PriceAmount currencyID="EUR">-`},
		{"BR-CO-09", `<cbc:CompanyID>DE`, `<cbc:CompanyID>`},
		{"BR-AE-10, BR-G-10, BR-O-10", "VATEX-EU-AE", "VATEX-EU-G"},
		{"BR-AE-05, BR-G-05, BR-E-05, BR-Z-05", "<cbc:Percent>0<", "<cbc:Percent>23<"},
		{"BR-S-05", "<cbc:ID>AE<", "<cbc:ID>S<"},
		{"BR-O-05", "<cbc:ID>AE<", "<cbc:ID>O<"},
		{"BR-O-02", "<cbc:ID>AE<", "<cbc:ID>O<"},
		{"BR-AE-02", "<cbc:CompanyID>DE136695976<", "<cbc:CompanyID><"},
		{"PEPPOL-R008", "<cbc:CityName>Dublin<", "<cbc:CityName><"},
		{"PEPPOL-R051", `TaxExclusiveAmount currencyID="EUR"`, `TaxExclusiveAmount currencyID="USD"`},
		{"PEPPOL-R110, PEPPOL-R111", "<cbc:StartDate>2026-11-01<", "<cbc:StartDate>2026-11-02<"},
		{"PEPPOL-R120", `<cbc:PriceAmount currencyID="EUR">`, `<cbc:PriceAmount currencyID="EUR">1`},
	} {
		wrong := strings.Replace(whole, c.from, c.to, 1)
		if wrong == whole {
			t.Errorf("%s: the sample has no %s", c.id, c.from)
		}
		if !slices.Contains(broken(parse(t, []byte(wrong))), c.id) {
			t.Errorf("%s does not see that %s has become %s", c.id, c.from, c.to)
		}
	}
}
