package notify

import (
	"slices"
	"strconv"

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

// grouped writes a number with a mark between every three digits.
func grouped(n int64, mark string) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + mark + digits[i:]
	}
	return digits
}
