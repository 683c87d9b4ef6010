package invoice

import (
	"strings"

	"github.com/licenseledger/licenseledger/domain"
)

// closing is what stands below the lines: how days were counted, what all comes
// to, and how to pay it. The totals are never divided.
func (s *sheet) closing() []strip {
	strips := []strip{{height: gap, bond: always, draw: nothing}}
	for _, sentence := range s.counting() {
		for _, text := range quiet.wrap(sentence, right-left) {
			strips = append(strips, strip{height: quiet.leading(), bond: together, draw: func(c *canvas, y float64) {
				c.text(left, y, text, quiet)
			}})
		}
	}
	payment, totals := s.payment(), s.totals()
	const above = wideGap - gap
	return append(strips, strip{height: above + max(payment.height, totals.height), draw: func(c *canvas, y float64) {
		payment.draw(c, y+above)
		totals.draw(c, y+above)
	}})
}

// totals sum up, with the VAT of each category and rate.
func (s *sheet) totals() strip {
	var rows []strip
	add := func(height float64, draw func(c *canvas, y float64)) {
		rows = append(rows, strip{height: height, draw: draw})
	}
	amount := func(name, amount string) {
		add(5, func(c *canvas, y float64) {
			c.text(middle, y, name, figures)
			c.textTo(right, y, amount, figures.shrunk(amount, 40))
		})
	}
	amount(s.net, s.printed(s.Net))
	for _, v := range s.VAT {
		s.vatRow(v, add)
	}
	if len(s.VAT) > 1 {
		amount(s.vatTotal, s.printed(s.VATTotal))
	}
	add(2.2, func(c *canvas, y float64) { c.rule(middle, y+0.5, 0.35, accent) })
	name := s.total
	switch {
	case s.credits():
		name = s.totalCredited
	case s.payable():
		name = s.totalDue
	}
	st := style{points: 12, bold: true, ink: accent}
	add(st.leading(), func(c *canvas, y float64) {
		c.text(middle, y+st.ascent()-strong.ascent(), name, strong)
		text := s.withCurrency(s.Total)
		c.textTo(right, y, text, st.shrunk(text, 42))
	})
	return stack(rows)
}

// vatRow is a category and rate: on what, how much, and if nothing, why.
func (s *sheet) vatRow(v domain.VATLine, add func(float64, func(*canvas, float64))) {
	base, amount := s.printed(v.Base), s.printed(v.Amount)
	const baseEnd = 161.0
	add(5, func(c *canvas, y float64) {
		name := s.vat + " " + s.rate(v.Rate)
		c.text(middle, y, name, figures)
		room := baseEnd - middle - figures.width(name) - columnGap
		text := s.vatBase + " " + base
		c.textTo(baseEnd, y+figures.ascent()-quiet.ascent(), text, quiet.shrunk(text, room))
		c.textTo(right, y, amount, figures.shrunk(amount, right-baseEnd-columnGap))
	})
	if reason := s.noVAT(v.Category); reason != "" {
		lines := quiet.wrap(reason, right-middle)
		add(float64(len(lines))*quiet.leading()+smallGap, func(c *canvas, y float64) {
			column{{style: quiet, lines: lines}}.draw(c, middle, y)
		})
	}
}

// stack makes one strip of several.
func stack(rows []strip) strip {
	return strip{height: heightOf(rows), draw: func(c *canvas, y float64) {
		for _, row := range rows {
			row.draw(c, y)
			y += row.height
		}
	}}
}

// payment says what to do now.
func (s *sheet) payment() strip {
	const width = middle - left - wideGap
	var said column
	var details facts
	said.caption(s.words.payment)
	switch {
	case s.credits():
		said.add(s.credited, body, width)
	case !s.payable():
		said.add(s.nothingToPay, body, width)
	case s.DueOn == 0: // a draft
		return strip{draw: nothing}
	default:
		said.add(s.pay(s.withCurrency(s.Total), s.date(s.DueOn)), body, width)
		details.labelWidth = 30
		details.add(s.iban, inFours(string(s.Seller.IBAN)), figures, width)
		details.add(s.bic, string(s.Seller.BIC), figures, width)
		details.add(s.reference, s.Number, figures, width)
	}
	return strip{height: said.height() + smallGap + details.height(), draw: func(c *canvas, y float64) {
		said.draw(c, left, y)
		details.draw(c, left, y+said.height()+smallGap)
	}}
}

// inFours writes an account number as banks print it.
func inFours(number string) string {
	number = strings.ReplaceAll(number, " ", "")
	var out strings.Builder
	for i, r := range []rune(number) {
		if i > 0 && i%4 == 0 {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
	}
	return out.String()
}
