package notify

import (
	"slices"
	"strings"

	"github.com/licenseledger/licenseledger/domain"
)

// sum says how much a mail is about; the product is empty when there are several.
func sum(p domain.MailParams) (total int64, product domain.Name) {
	if p.Seats != nil {
		return p.Seats.Quantity, p.Seats.Product
	}
	products := byProduct(p.Licenses)
	for _, x := range products {
		total += x.Quantity
	}
	if len(products) == 1 {
		product = products[0].Product
	}
	return total, product
}

// byProduct adds up the quantities of each product, in the order they come in.
func byProduct(licenses []domain.MailLicense) []domain.MailLicense {
	var totals []domain.MailLicense
	for _, l := range licenses {
		i := slices.IndexFunc(totals, func(x domain.MailLicense) bool { return x.Product == l.Product })
		if i < 0 {
			i, totals = len(totals), append(totals, domain.MailLicense{Product: l.Product})
		}
		totals[i].Quantity += l.Quantity
	}
	return totals
}

// grouped puts a mark between every three digits.
func grouped(digits, mark string) string {
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + mark + digits[i:]
	}
	return digits
}

// isZero is true of 0 and 0.00.
func isZero(amount string) bool { return strings.Trim(amount, "-0.") == "" }

// negated is how a credit note tells of its amounts, which are below zero.
func negated(amount string) string {
	switch positive, below := strings.CutPrefix(amount, "-"); {
	case below:
		return positive
	case isZero(amount):
		return amount
	}
	return "-" + amount
}

func isCreditNote(i domain.MailInvoice) bool { return i.Type == domain.TypeCreditNote }

// payable is true of an invoice that somebody has to pay.
func payable(i domain.MailInvoice) bool { return !isCreditNote(i) && !isZero(i.Total) }

func invoiceOf(p domain.MailParams) domain.MailInvoice {
	if p.Invoice == nil {
		return domain.MailInvoice{}
	}
	return *p.Invoice
}

func monthOf(p domain.MailParams) domain.MailMonth {
	if p.Month == nil {
		return domain.MailMonth{}
	}
	return *p.Month
}

func seatsOf(p domain.MailParams) domain.MailSeats {
	if p.Seats == nil {
		return domain.MailSeats{}
	}
	return *p.Seats
}

// documentCounts are how many invoices and credit notes a month has; its list
// may name only the first of them.
func documentCounts(m domain.MailMonth) (issued, credited int64) {
	for _, i := range m.Invoices {
		if isCreditNote(i) {
			credited++
		} else {
			issued++
		}
	}
	return max(issued, m.Issued), max(credited, m.Credited)
}

func attentionCount(m domain.MailMonth) int64 { return max(m.AttentionCount, int64(len(m.Attention))) }

// lastDay is the last day of a mail's term, or the earliest last valid day of
// its licenses.
func lastDay(p domain.MailParams) domain.Date {
	if p.Seats != nil {
		return p.Seats.LastDay
	}
	var first domain.Date
	for _, l := range p.Licenses {
		if first == 0 || l.LastDay < first {
			first = l.LastDay
		}
	}
	return first
}
