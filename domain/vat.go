package domain

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// MissingRate is why an invoice cannot be made yet: it needs a VAT rate, and
// none is on file.
type MissingRate struct {
	Country Country
	On      Date
}

func (m MissingRate) String() string {
	return fmt.Sprintf("no VAT rate of %s for %s is on file", m.Country, m.On)
}

// RateOn is the standard rate of a country in force on a day, and whether one is
// on file.
func RateOn(taxes iter.Seq[Tax], country Country, on Date) (decimal.Decimal, bool) {
	var best Tax
	for t := range taxes {
		if t.Category != "S" || vatCountry(t.Country) != vatCountry(country) || t.FromOn > on {
			continue
		}
		// EL and GR are one country: where both have a rate from the same day on, the one put last counts.
		if t.FromOn > best.FromOn || t.FromOn == best.FromOn && t.ChangedAt.After(best.ChangedAt) {
			best = t
		}
	}
	return best.Rate, best.FromOn != 0
}

// vat is how one line is taxed.
type vat struct {
	Category TaxCategory
	Rate     decimal.Decimal
}

// vatOn is how a seller taxes what it invoices a reseller on a day.
func vatOn(p Parties, taxes []Tax, on Date) (vat, *MissingRate) {
	country := p.Seller.Address.Country
	rate, onFile := RateOn(slices.Values(taxes), country, on)
	category := VATCategory(country, p.Reseller, on, onFile)
	switch {
	case category != "S":
		return vat{Category: category}, nil
	case !onFile:
		return vat{}, &MissingRate{Country: country, On: on}
	}
	return vat{category, rate}, nil
}

// VATLine is the VAT of all lines of one category and rate.
type VATLine struct {
	Category TaxCategory     `json:"category"`
	Rate     decimal.Decimal `json:"rate"`
	Base     decimal.Decimal `json:"base"`
	Amount   decimal.Decimal `json:"amount"`
}

// sumVAT rounds once per category and rate, on the summed lines: VAT rounded
// line by line would not be the rate times the base.
func sumVAT(lines []InvoiceLine, currency Currency) []VATLine {
	var sums []VATLine
	for _, l := range lines {
		at := slices.IndexFunc(sums, func(v VATLine) bool { return v.Category == l.VATCategory && v.Rate.Equal(l.VATRate) })
		if at < 0 {
			sums = append(sums, VATLine{Category: l.VATCategory, Rate: l.VATRate})
			at = len(sums) - 1
		}
		sums[at].Base = sums[at].Base.Add(l.Net)
	}
	for i, v := range sums {
		sums[i].Amount = RoundFraction(v.Base.Mul(v.Rate), 100, string(currency))
	}
	slices.SortFunc(sums, func(a, b VATLine) int {
		return cmp.Or(strings.Compare(string(a.Category), string(b.Category)), a.Rate.Cmp(b.Rate))
	})
	return sums
}
