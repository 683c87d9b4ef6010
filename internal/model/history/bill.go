package history

import (
	"math/big"
	"slices"
	"strings"
)

// line is an amount, rounded, and the day whose VAT it bears.
type line struct {
	net *big.Rat
	vat day
}

// bill is a month that is over.
type bill struct {
	period string
	lines  []line
}

// closeMonth bills the month that ends today.
func (w *world) closeMonth() {
	b := bill{w.today.period(), w.lines}
	w.lines = nil
	for _, x := range w.subscriptions {
		if x.plan != annualYearly {
			b.lines = append(b.lines, w.seatLines(x)...)
		}
		x.counted = [32]count{}
	}
	if len(b.lines) > 0 {
		w.waiting = append(w.waiting, b)
	}
	w.invoiceWaiting()
}

// invoiceWaiting invoices what is over and for which all rates are on file.
func (w *world) invoiceWaiting() {
	w.waiting = slices.DeleteFunc(w.waiting, func(b bill) bool {
		m, complete := w.invoice(b)
		if complete {
			w.months = append(w.months, m)
		}
		return complete
	})
}

func (w *world) invoice(b bill) (m Month, complete bool) {
	m = Month{Period: b.period, Net: new(big.Rat), VATTotal: new(big.Rat), Total: new(big.Rat)}
	for _, l := range b.lines {
		category, rate := w.vat(l.vat)
		if rate == nil {
			return m, false
		}
		m.Net.Add(m.Net, l.net)
		i := slices.IndexFunc(m.VAT, func(v VAT) bool { return v.Category == category && v.Rate.Cmp(rate) == 0 })
		if i < 0 {
			i = len(m.VAT)
			m.VAT = append(m.VAT, VAT{Category: category, Rate: rate, Base: new(big.Rat)})
		}
		m.VAT[i].Base.Add(m.VAT[i].Base, l.net)
	}
	for i, v := range m.VAT {
		m.VAT[i].Amount = rounded(new(big.Rat).Mul(v.Base, new(big.Rat).Quo(v.Rate, big.NewRat(100, 1))), w.contract.minorDigits)
		m.VATTotal.Add(m.VATTotal, m.VAT[i].Amount)
	}
	m.Total.Add(m.Net, m.VATTotal)
	return m, true
}

const euCountries = " AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK "

func inEU(country string) bool { return strings.Contains(euCountries, " "+country+" ") }

// vat is the category and the rate of a line. No rate: it is not on file.
func (w *world) vat(on day) (category string, rate *big.Rat) {
	seller, reseller := w.sellers[w.contract.seller], w.accounts[w.contract.reseller]
	switch {
	case !inEU(seller.country):
		if rate := w.rate(seller.country, on); rate != nil && reseller.country == seller.country {
			return "S", rate
		}
		return "O", new(big.Rat)
	case !inEU(reseller.country):
		return "G", new(big.Rat)
	case reseller.country != seller.country && reseller.vatNumber != "":
		return "AE", new(big.Rat)
	}
	return "S", w.rate(seller.country, on)
}

// rate is the one in force on a day.
func (w *world) rate(country string, on day) (rate *big.Rat) {
	since := day(-1 << 31)
	for from, r := range w.taxes[country] {
		if from <= on && from > since {
			since, rate = from, r
		}
	}
	return rate
}
