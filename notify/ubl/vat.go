package ubl

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
)

const vatScheme = "VAT"

// exemptions are why no VAT is charged, with the codes of the list VATEX.
var exemptions = map[domain.TaxCategory]struct{ code, reason string }{
	"AE": {"VATEX-EU-AE", "Reverse charge"},
	"G":  {"VATEX-EU-G", "Export outside the EU"},
	"O":  {"VATEX-EU-O", "Not subject to VAT"},
	"E":  {"", "Not subject to VAT"},
}

// untaxed says whether nothing of the invoice is subject to VAT. Then no VAT
// numbers may be named (BR-O-02).
func (w writer) untaxed() bool {
	return !slices.ContainsFunc(w.VAT, func(v domain.VATLine) bool { return v.Category != "O" })
}

// category is the standard's for a category and rate of ours. It differs where
// the standard cannot say ours. O must stand alone (BR-O-11 to BR-O-14); beside
// others, which happens when an adjusted month had one side in another country,
// E says with its reason that nothing is charged. S must have a rate above zero
// (BR-S-05); zero is Z.
func (w writer) category(c domain.TaxCategory, rate decimal.Decimal) vatCategory {
	switch {
	case c == "O" && w.untaxed():
		return vatCategory{Code: "O", Tax: vatScheme} // no rate, not even zero (BR-O-05)
	case c == "O":
		c = "E"
	case c == "S" && rate.IsZero():
		c = "Z"
	}
	return vatCategory{Code: c, Rate: rate.String(), Tax: vatScheme}
}

func (w writer) vatBreakdown() []vatBreakdown {
	var all []vatBreakdown
	for _, v := range w.VAT {
		category := w.category(v.Category, v.Rate)
		why := exemptions[category.Code]
		category.ExemptionCode, category.Exemption = why.code, why.reason
		all = append(all, vatBreakdown{w.amount(v.Base), w.amount(v.Amount), category})
	}
	return all
}
