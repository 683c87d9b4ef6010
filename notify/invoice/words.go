package invoice

import (
	"strings"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/licenseledger/licenseledger/domain"
)

// words are what a PDF says in one language, and how that language writes
// numbers and dates. None may be missing.
type words struct {
	tag string // of the language, for who has the PDF read out

	invoice, creditNote, draft                string
	billTo, vatNumber                         string
	number, issuedOn, dueOn, period, contract string
	currency, terms, dueAtOnce                string
	description, quantity, unitPrice, net     string
	subtotal, continued                       string
	flexible, annualMonthly, annualYearly     string // what a line is for
	licenses                                  string
	bought, boughtForStock, renewed           func(on string) string
	adjustment                                func(month string) string
	purchaseOrder                             string
	prorated                                  func(quantity, price, days, of string) string
	startOfDay, endOfDay, partOfTerm          string // how days are counted
	vat, vatBase, vatTotal                    string
	reverseCharge, export, notSubject         string // why there is no VAT
	total, totalDue, totalCredited            string
	payment, reference, iban, bic             string
	pay                                       func(amount, by string) string
	nothingToPay, credited                    string
	refersTo                                  func(number, on string) string
	page                                      func(n, of string) string
	days                                      func(n string) string
	country                                   func(domain.Country) string
	months                                    [12]string
	day                                       func(n string) string // before the name of a month
	until                                     string                // between the ends of a span of time
	thousands, point                          string
	money                                     func(currency, amount string) string
	percent                                   func(rate string) string
}

// languages are what a PDF can be in. The first is for readers of all others.
var languages = []*words{&english, &german, &turkish}

// wordsFor finds the words for a language tag like de-AT.
func wordsFor(l domain.Locale) *words {
	tag, _, _ := strings.Cut(strings.ToLower(string(l)), "-")
	for _, w := range languages {
		if w.tag == tag {
			return w
		}
	}
	return languages[0]
}

// date is 2 December 2026.
func (w *words) date(d domain.Date) string {
	_, _, day := d.YMD()
	return w.day(whole(int64(day))) + nbsp + w.month(d)
}

// month is December 2026.
func (w *words) month(d domain.Date) string {
	year, month, _ := d.YMD()
	return w.months[month-1] + nbsp + whole(int64(year))
}

// span is 20 to 30 November 2026, and says no more of its beginning than it must.
func (w *words) span(from, to domain.Date) string {
	firstYear, firstMonth, first := from.YMD()
	year, month, _ := to.YMD()
	begin := w.day(whole(int64(first)))
	switch {
	case from == to:
		return w.date(to)
	case firstYear != year:
		begin = w.date(from)
	case firstMonth != month:
		begin += nbsp + w.months[firstMonth-1]
	}
	return begin + w.until + w.date(to)
}

// nbsp keeps together what belongs together.
const nbsp = "\u00a0"

// minus is as wide as a digit, so figures stay in line.
const minus = "\u2212"

// figure writes a plain number like -1234.50 as readers of the language do.
func (w *words) figure(plain string) string {
	plain, negative := strings.CutPrefix(plain, "-")
	digits, fraction, broken := strings.Cut(plain, ".")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + w.thousands + digits[i:]
	}
	if broken {
		digits += w.point + fraction
	}
	if negative {
		digits = minus + digits
	}
	return digits
}

// count writes a whole number.
func (w *words) count(n int64) string { return w.figure(whole(n)) }

func whole(n int64) string { return decimal.NewFromInt(n).String() }

// amount writes money without its currency.
func (w *words) amount(d decimal.Decimal, currency domain.Currency) string {
	return w.figure(domain.Money(d, string(currency)))
}

// price has as many digits as it needs, and not fewer than the currency has.
func (w *words) price(p decimal.Decimal, currency domain.Currency) string {
	_, fraction, _ := strings.Cut(p.String(), ".")
	places := max(int32(len(fraction)), domain.MinorDigits(string(currency))) //nolint:gosec // six digits at most
	return w.figure(p.StringFixed(places))
}

// rate is 23%, or 8.1%.
func (w *words) rate(r decimal.Decimal) string { return w.percent(w.figure(r.String())) }

// plan says what kind of seats a line is for.
func (w *words) plan(p domain.Plan) string {
	switch p {
	case domain.Flexible:
		return w.flexible
	case domain.AnnualYearly:
		return w.annualYearly
	}
	return w.annualMonthly
}

// noVAT says why a category has no VAT; it is empty for one that has.
func (w *words) noVAT(c domain.TaxCategory) string {
	switch c {
	case "AE":
		return w.reverseCharge
	case "G":
		return w.export
	case "O":
		return w.notSubject
	}
	return ""
}

// regions names countries as a dictionary does.
func regions(names *display.Dictionary) func(domain.Country) string {
	return func(c domain.Country) string {
		code := string(c)
		if code == "EL" { // as Greece writes before its VAT numbers
			code = "GR"
		}
		region, err := language.ParseRegion(code)
		if err != nil {
			return code
		}
		return names.Regions().Name(region)
	}
}
