package notify

import (
	"strconv"

	"github.com/licenseledger/licenseledger/domain"
)

// sum adds up licenses; the product is empty when there are several.
func sum(licenses []domain.MailLicense) (total int64, product domain.Name) {
	for i, l := range licenses {
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
