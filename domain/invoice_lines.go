package domain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// LineKind is what a line charges for.
type LineKind string

// Kinds of lines.
const (
	LineSeats      LineKind = "seats"      // of a month
	LineYear       LineKind = "year"       // seats for a year, or for what is left of it
	LinePurchase   LineKind = "purchase"   // licenses for a term
	LineAdjustment LineKind = "adjustment" // of a closed month
)

// InvoiceLine is one charge of one customer.
type InvoiceLine struct {
	Kind          LineKind
	Customer      AccountID // the reseller for its own stock
	CustomerName  Name
	Product       ProductID // an adjustment may have none
	ProductName   Name
	Subscription  SubscriptionID // of a month's seats
	Description   string
	PurchaseOrder Name
	Note          Note // where the order asked for it to be printed (rule 22)
	Quantity      int64
	UnitPrice     Price
	From, To      Date   // the first and the last day charged
	Days          *int64 // none where days do not matter
	DaysInPeriod  *int64
	DayCount      DayCount // by which Days were counted
	Adjusts       Date     // the first day of the month that is put right
	Net           decimal.Decimal
	VATCategory   TaxCategory
	VATRate       decimal.Decimal
}

// Text is the description with the printed note.
func (l InvoiceLine) Text() string {
	if l.Note == "" {
		return l.Description
	}
	return l.Description + "\n" + string(l.Note)
}

// lines are the lines of the month in the order of the invoice, without VAT.
// They do not depend on the order of the facts.
func (f InvoiceFacts) lines() []InvoiceLine {
	var lines []InvoiceLine
	for _, m := range sorted(f.Seats, func(a, b SeatMonth) int {
		return compareIDs(a.Subscription.Subscription, b.Subscription.Subscription)
	}) {
		for _, s := range m.Spans(f.Contract, f.Month) {
			lines = append(lines, f.seatLine(m.Subscription, s))
		}
	}
	for _, c := range sorted(f.Charges, func(a, b Charge) int {
		// Purchases first, then what is put right, from the oldest month on.
		return cmp.Or(cmp.Compare(a.Adjusts, b.Adjusts), cmp.Compare(a.No, b.No), cmp.Compare(a.N, b.N))
	}) {
		lines = append(lines, f.chargeLine(c))
	}
	sortLines(lines)
	return lines
}

func sorted[T any](s []T, compare func(a, b T) int) []T {
	s = slices.Clone(s)
	slices.SortStableFunc(s, compare)
	return s
}

func compareIDs[ID ~string](a, b ID) int { return strings.Compare(string(a), string(b)) }

func (f InvoiceFacts) named(l InvoiceLine) InvoiceLine {
	l.CustomerName = cmp.Or(f.Customers[l.Customer], Name(l.Customer))
	l.ProductName = cmp.Or(f.Products[l.Product], Name(l.Product))
	return l
}

func (f InvoiceFacts) seatLine(x Subscription, s SeatSpan) InvoiceLine {
	l := f.named(InvoiceLine{
		Kind: LineSeats, Customer: x.Account, Product: x.Product, Subscription: x.Subscription,
		Quantity: s.Quantity, UnitPrice: s.MonthlyPrice, From: s.From, To: s.To, Days: &s.Days, DaysInPeriod: &s.DaysInMonth,
		DayCount: f.Contract.DayCount, Net: s.Amount(f.Contract.Currency),
	})
	_, month, first := s.From.YMD()
	_, _, last := s.To.YMD()
	when := month.String()
	switch {
	case first == last:
		when = fmt.Sprintf("%d %s", first, month)
	case s.Days < s.DaysInMonth:
		when = fmt.Sprintf("%d to %d %s", first, last, month)
	}
	l.Description = fmt.Sprintf("%s %s, %s%s", counted(s.Quantity, "seat"), l.ProductName, when, part(s.Days, s.DaysInMonth))
	return l
}

func (f InvoiceFacts) chargeLine(c Charge) InvoiceLine {
	l := f.named(InvoiceLine{
		Customer: c.Account, Product: c.Product, PurchaseOrder: c.PurchaseOrder, Note: c.Note,
		Quantity: c.Quantity, UnitPrice: c.UnitPrice, From: c.FromOn, To: c.ToOn, Days: c.Days, DaysInPeriod: c.DaysInPeriod,
		Adjusts: c.Adjusts, Net: c.Amount,
	})
	switch {
	case c.Adjusts != 0:
		l.Kind, l.Note = LineAdjustment, ""
		l.UnitPrice = Price{decimal.RequireFromString(Money(c.Amount, string(f.Contract.Currency)))} // an amount, so with its minor digits
		l.Description = Period(c.Adjusts).String() + ": " + cmp.Or(string(c.Note), "adjustment")
		return l
	case c.Days != nil && c.Kind != "purchase": // a purchase has days if it ends with an older batch (rule 20)
		l.Kind, l.DayCount = LineYear, f.Contract.DayCount
		l.Description = fmt.Sprintf("%s %s, %s to %s%s", counted(c.Quantity, "seat"), l.ProductName, day(c.FromOn), day(c.ToOn), part(*c.Days, *c.DaysInPeriod))
	default:
		l.Kind = LinePurchase
		l.Description = purchase(c, l.ProductName)
	}
	if c.PurchaseOrder != "" {
		l.Description += ", purchase order " + string(c.PurchaseOrder)
	}
	return l
}

func purchase(c Charge, product Name) string {
	text := counted(c.Quantity, "license") + " " + string(product)
	switch c.Kind {
	case "stock":
		text += " for stock"
	case "renewal":
		text += ", renewed"
	}
	text += ", " + day(c.EffectiveOn)
	if c.Days != nil {
		text += fmt.Sprintf(" to %s%s", day(c.EffectiveOn+Date(*c.Days)-1), part(*c.Days, *c.DaysInPeriod)) //nolint:gosec // a term has ten years at most
	}
	return text
}

func counted(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func day(d Date) string {
	year, month, n := d.YMD()
	return fmt.Sprintf("%d %s %d", n, month, year)
}

// part says for which part of a period is paid, if not for all of it.
func part(days, of int64) string {
	if days == of {
		return ""
	}
	return fmt.Sprintf(", %d of %d days", days, of)
}
