package ubl

import (
	"cmp"
	"encoding/xml"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
)

const (
	one                = "C62" // UN/ECE Recommendation 20: a unit without a measure
	invoicedObjectType = 130   // UNTDID 1001
)

// line writes one line, with its own purchase order where the document names none.
func (w writer) line(n int, l domain.InvoiceLine, ownOrder bool) line {
	out := line{
		XMLName: xml.Name{Local: "cac:InvoiceLine"}, Identifier: n, Note: lineNote(l, ownOrder),
		NetAmount: w.amount(l.Net), Period: period{l.From.String(), l.To.String()},
		Description: clean(l.Text()), ItemName: cmp.Or(clean(l.ProductName), clean(l.Product), "Adjustment"), SellersItem: optional(clean(l.Product)),
		VAT: w.category(l.VATCategory, l.VATRate), Attributes: w.attributes(l),
		NetPrice: amount{w.Currency, w.netPrice(l)},
	}
	if l.Subscription != "" {
		out.Object = &invoicedObject{string(l.Subscription), invoicedObjectType}
	}
	count := &quantity{one, l.Quantity}
	if w.signed(l.Net).IsNegative() { // a price never is (BR-27)
		count.Value = -count.Value
	}
	if w.credits() {
		out.XMLName.Local, out.CreditedQuantity = "cac:CreditNoteLine", count
	} else {
		out.InvoicedQuantity = count
	}
	return out
}

// lineNote says for whom the line is; the standard has no place for a reseller's customers.
func lineNote(l domain.InvoiceLine, order bool) string {
	note := "Customer: " + clean(l.CustomerName)
	if order && l.PurchaseOrder != "" {
		note += "\nPurchase order: " + clean(l.PurchaseOrder)
	}
	return note
}

func prorated(l domain.InvoiceLine) bool {
	return l.Days != nil && l.DaysInPeriod != nil && *l.Days != *l.DaysInPeriod
}

// netPrice is what one seat or license costs for the days charged, in so many
// decimals that quantity × price is the net amount.
//
// The standard knows no days: a line is quantity × price ÷ base quantity, and
// rule R120 of Peppol allows 0.02 for rounding. Days in the quantity (100 seat
// days, 12.345 per 30) would be exact, but nobody has ordered seat days. So the
// quantity stays that of the order, the price is the part of the period's price
// that falls to the days charged, and attributes of the item say which part.
// Eight decimals are off by 0.005 for a million seats. Where the currency has no
// decimals, rounding the line can take more than the rule allows: then the price
// follows from the net amount.
func (w writer) netPrice(l domain.InvoiceLine) string {
	const decimals = 8
	price, count, net := l.UnitPrice.Abs(), decimal.NewFromInt(l.Quantity), l.Net.Abs()
	if prorated(l) {
		price = price.Mul(decimal.NewFromInt(*l.Days)).DivRound(decimal.NewFromInt(*l.DaysInPeriod), decimals)
	}
	if off := price.Mul(count).Sub(net).Abs(); off.GreaterThan(decimal.New(1, -2)) {
		price = net.DivRound(count, decimals)
	}
	price, _ = decimal.NewFromString(price.String()) // without zeros at the end
	return price.StringFixed(max(domain.MinorDigits(string(w.Currency)), -price.Exponent()))
}

var fullPeriods = map[domain.LineKind]string{domain.LineSeats: "month", domain.LineYear: "year"}

// attributes say how the price of a part of a period comes about.
func (w writer) attributes(l domain.InvoiceLine) []itemAttribute {
	if !prorated(l) {
		return nil
	}
	out := []itemAttribute{
		{"Price per " + cmp.Or(fullPeriods[l.Kind], "term"), l.UnitPrice.String() + " " + string(w.Currency)},
		{"Days charged", fmt.Sprintf("%d of %d", *l.Days, *l.DaysInPeriod)},
	}
	if l.DayCount != "" {
		out = append(out, itemAttribute{"Day count", string(l.DayCount)})
	}
	return out
}
