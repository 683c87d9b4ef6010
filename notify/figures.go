package notify

import (
	"strconv"

	"github.com/licenseledger/licenseledger/domain"
)

// sum says how much a mail is about; the product is empty when there are several.
func sum(p domain.MailParams) (total int64, product domain.Name) {
	if p.Seats != nil {
		return p.Seats.Quantity, p.Seats.Product
	}
	for i, l := range p.Licenses {
		total += l.Quantity
		if i == 0 {
			product = l.Product
		} else if l.Product != product {
			product = ""
		}
	}
	return total, product
}

// grouped writes a number with a mark between every three digits.
func grouped(n int64, mark string) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + mark + digits[i:]
	}
	return digits
}
