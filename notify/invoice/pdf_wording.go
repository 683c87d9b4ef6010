package invoice

import (
	"strings"

	"github.com/licenseledger/licenseledger/domain"
)

// worded says what a line is for: a title, and what is to be known besides.
func (s *sheet) worded(l domain.InvoiceLine) (title string, details []string) {
	title = string(l.ProductName)
	if l.Kind == domain.LineAdjustment {
		if title != "" {
			details = append(details, title)
		}
		title = s.adjustment(s.month(l.Adjusts))
	} else {
		details = append(details, s.kind(l))
	}
	if formula := s.formula(l); formula != "" {
		details = append(details, formula)
	}
	if l.PurchaseOrder != "" {
		details = append(details, s.purchaseOrder+" "+clean(string(l.PurchaseOrder)))
	}
	return title, append(details, paragraphs(l.Note)...)
}

// kind says what is charged, and for when.
func (s *sheet) kind(l domain.InvoiceLine) string {
	switch l.Kind {
	case domain.LineSeats, domain.LineYear:
		return s.plan(l.Plan) + ", " + s.span(l.From, l.To)
	case domain.LineStock:
		return s.boughtForStock(s.date(l.From))
	case domain.LineRenewal:
		return s.renewed(s.date(l.From))
	}
	if l.Days != nil {
		return s.licenses + ", " + s.span(l.From, l.From+domain.Date(*l.Days)-1) //nolint:gosec // a term has ten years at most
	}
	return s.bought(s.date(l.From))
}

// formula shows how the net of a part of a period comes about.
func (s *sheet) formula(l domain.InvoiceLine) string {
	if !isPart(l) {
		return ""
	}
	return s.prorated(s.shownQuantity(l), s.price(l.UnitPrice.Decimal, s.Currency), s.count(*l.Days), s.count(*l.DaysInPeriod))
}

func isPart(l domain.InvoiceLine) bool { return l.Days != nil && *l.Days != *l.DaysInPeriod }

// paragraphs are the lines of a note that have something on them.
func paragraphs(n domain.Note) []string {
	var all []string
	for line := range strings.Lines(string(n)) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// counting says how days were counted, once for all lines.
func (s *sheet) counting() []string {
	var seats, terms string
	for _, l := range s.Lines {
		switch {
		case l.Kind == domain.LineSeats && l.DayCount == domain.EndOfDay:
			seats = s.endOfDay
		case l.Kind == domain.LineSeats:
			seats = s.startOfDay
		case isPart(l):
			terms = s.partOfTerm
		}
	}
	var all []string
	for _, sentence := range []string{seats, terms} {
		if sentence != "" {
			all = append(all, sentence)
		}
	}
	return all
}
