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

// Kinds of lines. Those of purchases are for a full term, unless it ends with an older batch.
const (
	LineSeats      LineKind = "seats"      // of a month
	LineYear       LineKind = "year"       // seats for a year, or for what is left of it
	LinePurchase   LineKind = "purchase"   // licenses for a customer or the reseller itself
	LineStock      LineKind = "stock"      // licenses into stock
	LineRenewal    LineKind = "renewal"    // licenses for a further term
	LineAdjustment LineKind = "adjustment" // of a closed month
)

// LinePrice is what one unit costs for the whole period; of an adjustment it is
// the amount, which may be below zero.
type LinePrice struct{ Price }

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *LinePrice) UnmarshalJSON(b []byte) (err error) {
	p.Decimal, err = decimal.NewFromString(strings.Trim(string(b), `"`))
	return err
}

// InvoiceLine is one charge of one customer.
type InvoiceLine struct {
	Kind          LineKind        `json:"kind"`
	Customer      AccountID       `json:"customer"` // the reseller for its own stock
	CustomerName  Name            `json:"customer_name"`
	Product       ProductID       `json:"product,omitempty"` // an adjustment may have none
	ProductName   Name            `json:"product_name,omitempty"`
	Subscription  SubscriptionID  `json:"subscription,omitempty"` // of a month's seats
	Plan          Plan            `json:"plan,omitempty"`         // of seats
	PurchaseOrder Name            `json:"purchase_order,omitempty"`
	Note          Note            `json:"note,omitempty"` // where the order asked for it to be printed (rule 22); of an adjustment, why
	Quantity      int64           `json:"quantity"`
	UnitPrice     LinePrice       `json:"unit_price"`
	From          Date            `json:"from"` // the first and the last day charged
	To            Date            `json:"to"`
	Days          *int64          `json:"days,omitempty"` // none where days do not matter
	DaysInPeriod  *int64          `json:"days_in_period,omitempty"`
	DayCount      DayCount        `json:"day_count,omitempty"` // by which Days were counted
	Adjusts       Date            `json:"adjusts,omitempty"`   // the first day of the month that is put right
	Net           decimal.Decimal `json:"net"`
	VATCategory   TaxCategory     `json:"vat_category"`
	VATRate       decimal.Decimal `json:"vat_rate"`
}

// Text is the line in English, as reports show it, with the printed note.
func (l *InvoiceLine) Text() string {
	switch l.Kind {
	case LineSeats:
		return fmt.Sprintf("%s %s, %s%s", counted(l.Quantity, seatWord(l.Plan)), l.ProductName, l.when(), l.part())
	case LineAdjustment: // its note is the reason
		return Period(l.Adjusts).String() + ": " + cmp.Or(string(l.Note), "adjustment")
	case LineYear:
		return l.ordered(fmt.Sprintf("%s %s, %s to %s%s",
			counted(l.Quantity, seatWord(l.Plan)), l.ProductName, day(l.From), day(l.To), l.part()))
	default:
		return l.ordered(l.purchase())
	}
}

// when is the month, or the days of it that are charged.
func (l *InvoiceLine) when() string {
	_, month, first := l.From.YMD()
	_, _, last := l.To.YMD()
	switch {
	case first == last:
		return fmt.Sprintf("%d %s", first, month)
	case l.part() != "":
		return fmt.Sprintf("%d to %d %s", first, last, month)
	}
	return month.String()
}

func (l *InvoiceLine) purchase() string {
	text := counted(l.Quantity, "license") + " " + string(l.ProductName)
	switch l.Kind {
	case LineStock:
		text += " for stock"
	case LineRenewal:
		text += ", renewed"
	default:
	}
	text += ", " + day(l.From)
	if l.Days != nil {
		text += fmt.Sprintf(" to %s%s", day(l.From+Date(*l.Days)-1), l.part()) //nolint:gosec // a term has ten years at most
	}
	return text
}

// ordered adds what the order said.
func (l *InvoiceLine) ordered(text string) string {
	if l.PurchaseOrder != "" {
		text += ", purchase order " + string(l.PurchaseOrder)
	}
	if l.Note != "" {
		text += "\n" + string(l.Note)
	}
	return text
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
	return f.named(InvoiceLine{
		Kind: LineSeats, Customer: x.Account, Product: x.Product, Subscription: x.Subscription, Plan: x.Plan,
		Quantity: s.Quantity, UnitPrice: LinePrice{s.MonthlyPrice}, From: s.From, To: s.To, Days: &s.Days, DaysInPeriod: &s.DaysInMonth,
		DayCount: f.Contract.DayCount, Net: s.Amount(f.Contract.Currency),
	})
}

func (f InvoiceFacts) chargeLine(c Charge) InvoiceLine {
	l := f.named(InvoiceLine{
		Kind: LineKind(c.Kind), Customer: c.Account, Product: c.Product, PurchaseOrder: c.PurchaseOrder, Note: c.Note,
		Quantity: c.Quantity, UnitPrice: LinePrice{c.UnitPrice}, From: c.FromOn, To: c.ToOn, Days: c.Days, DaysInPeriod: c.DaysInPeriod,
		Adjusts: c.Adjusts, Net: c.Amount,
	})
	switch {
	case c.Adjusts != 0:
		l.Kind = LineAdjustment
		l.UnitPrice.Price = Price{decimal.RequireFromString(Money(c.Amount, string(f.Contract.Currency)))} // an amount, so with its minor digits
	case c.Days != nil && l.Kind != LinePurchase: // a purchase has days if it ends with an older batch (rule 20)
		l.Kind, l.Plan, l.DayCount = LineYear, AnnualYearly, f.Contract.DayCount
	}
	return l
}

func seatWord(p Plan) string {
	if p == Flexible {
		return "flexible seat"
	}
	return "annual seat"
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
func (l *InvoiceLine) part() string {
	if l.Days == nil || *l.Days == *l.DaysInPeriod {
		return ""
	}
	return fmt.Sprintf(", %d of %d days", *l.Days, *l.DaysInPeriod)
}
