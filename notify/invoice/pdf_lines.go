package invoice

import (
	"strings"

	"github.com/licenseledger/licenseledger/domain"
)

// Where the columns of the table end; the first begins at the left.
const (
	descriptionEnd = 108.0
	quantityEnd    = 124.0
	priceEnd       = 154.0
	columnGap      = 3.0
)

// table is all lines, under a heading for each customer.
func (s *sheet) table() []strip {
	strips := []strip{s.tableHead()}
	groups := groupByCustomer(s.Lines)
	for n, lines := range groups {
		strips = append(strips, s.customerHeading(lines[0], n > 0)...)
		above := append([]strip{s.tableHead()}, s.continuation(lines[0]))
		begin := len(strips)
		for _, l := range lines {
			strips = append(strips, s.line(l)...)
		}
		if len(groups) > 1 {
			strips[len(strips)-1].bond = together
			strips = append(strips, s.subtotalRow(lines))
		}
		for at := begin; at < len(strips); at++ {
			strips[at].above = above
		}
	}
	return strips
}

func groupByCustomer(lines []domain.InvoiceLine) [][]domain.InvoiceLine {
	var groups [][]domain.InvoiceLine
	for i, l := range lines {
		if i == 0 || l.Customer != lines[i-1].Customer {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], l)
	}
	return groups
}

func (s *sheet) tableHead() strip {
	return strip{height: 7.5, bond: always, draw: func(c *canvas, y float64) {
		c.text(left, y, s.description, label)
		c.textTo(quantityEnd, y, s.quantity, label)
		c.textTo(priceEnd, y, s.words.unitPrice, label)
		c.textTo(right, y, s.net+" ("+string(s.Currency)+")", label)
		c.rule(left, y+5, 0.35, accent)
	}}
}

// customerHeading stays with the first of the customer's lines.
func (s *sheet) customerHeading(l domain.InvoiceLine, spaced bool) []strip {
	var strips []strip
	if spaced {
		strips = append(strips, strip{height: gap, bond: always, draw: nothing})
	}
	for _, text := range strong.wrap(string(l.CustomerName), right-left) {
		strips = append(strips, strip{height: strong.leading(), bond: always, draw: func(c *canvas, y float64) {
			c.text(left, y, text, strong)
		}})
	}
	strips[0].above = []strip{s.tableHead()}
	return append(strips, strip{height: smallGap, bond: always, draw: nothing})
}

func nothing(*canvas, float64) {}

// continuation repeats to whom the lines at the top of a page belong.
func (s *sheet) continuation(l domain.InvoiceLine) strip {
	return strip{height: strong.leading() + smallGap, bond: always, draw: func(c *canvas, y float64) {
		more := " (" + s.continued + ")"
		name := strong.fit(string(l.CustomerName), right-left-quiet.width(more))
		c.text(left, y, name, strong)
		c.text(left+strong.width(name), y+strong.ascent()-quiet.ascent(), more, quiet)
	}}
}

// line is a charge: what it is for, and below that how it comes about.
func (s *sheet) line(l domain.InvoiceLine) []strip {
	width := descriptionEnd - left
	var strips []strip
	add := func(text string, st style) {
		for _, one := range st.wrap(text, width) {
			strips = append(strips, strip{height: st.leading(), bond: together, draw: func(c *canvas, y float64) {
				c.text(left, y, one, st)
			}})
		}
	}
	title, details := s.worded(l)
	add(title, figures)
	for _, text := range details {
		add(text, quiet)
	}
	words := strips[0].draw
	strips[0].draw = func(c *canvas, y float64) {
		words(c, y)
		s.numbers(c, y, l)
	}
	return append(strips, strip{height: smallGap, draw: nothing})
}

// numbers are drawn from left to right, the order in which they are read out.
func (s *sheet) numbers(c *canvas, y float64, l domain.InvoiceLine) {
	put := func(end, room float64, text string) { c.textTo(end, y, text, figures.shrunk(text, room)) }
	put(quantityEnd, quantityEnd-descriptionEnd-1, s.shownQuantity(l))
	const room = priceEnd - quantityEnd - columnGap
	if whole, fraction := s.unitPrice(l); figures.width(whole)+s.priceFraction > room {
		put(priceEnd, room, whole+fraction)
	} else { // in line with the others at the decimal point
		c.text(priceEnd-s.priceFraction-figures.width(whole), y, whole+fraction, figures)
	}
	put(right, right-priceEnd-columnGap, s.printed(l.Net))
}

// shownQuantity times unitPrice is the net as it is printed. On a credit note,
// what is still charged has a quantity below zero; of an adjustment, the price
// is the amount.
func (s *sheet) shownQuantity(l domain.InvoiceLine) string {
	if s.credits() && l.Kind != domain.LineAdjustment {
		return s.count(-l.Quantity)
	}
	return s.count(l.Quantity)
}

// unitPrice is taken apart at the decimal point.
func (s *sheet) unitPrice(l domain.InvoiceLine) (whole, fraction string) {
	price := l.UnitPrice.Decimal
	if l.Kind == domain.LineAdjustment {
		price = s.shown(price)
	}
	text := s.price(price, s.Currency)
	if at := strings.LastIndex(text, s.point); at >= 0 {
		return text[:at], text[at:]
	}
	return text, ""
}

func (s *sheet) subtotalRow(lines []domain.InvoiceLine) strip {
	sum := s.Net.Sub(s.Net)
	for _, l := range lines {
		sum = sum.Add(l.Net)
	}
	st := figures
	st.bold = true
	return strip{height: st.leading() + smallGap, draw: func(c *canvas, y float64) {
		c.rule(priceEnd+columnGap, y-0.2, 0.15, hairline)
		c.textTo(priceEnd, y+0.6+figures.ascent()-quiet.ascent(), s.subtotal, quiet)
		text := s.printed(sum)
		c.textTo(right, y+0.6, text, st.shrunk(text, right-priceEnd-columnGap))
	}}
}
