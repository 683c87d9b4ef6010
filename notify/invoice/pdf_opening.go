package invoice

import (
	"strconv"
	"strings"

	"github.com/licenseledger/licenseledger/domain"
)

// How text looks, by what it is for.
var (
	masthead = style{points: 13, bold: true, ink: accent}
	headline = style{points: 19, bold: true, ink: black}
	strong   = style{points: 9, bold: true, ink: black}
	body     = style{points: 9, ink: black}
	label    = style{points: 7.5, ink: grey}
	quiet    = style{points: 7.5, ink: grey}
	figures  = style{points: 8.5, ink: black}
)

// paragraph is text in lines, of one style.
type paragraph struct {
	style
	lines []string
	after float64 // room below
}

func (p paragraph) height() float64 { return float64(len(p.lines))*p.leading() + p.after }

// set breaks a text into lines. What needs so many that it would leave too
// little of the page to the rest is set smaller.
func set(text string, st style, width float64) paragraph {
	p := paragraph{style: st, lines: st.wrap(text, width)}
	for _, smaller := range []struct {
		lines  int
		points float64
	}{{3, 6.5}, {5, 5}} {
		if len(p.lines) > smaller.lines {
			st.points = min(st.points, smaller.points)
			p = paragraph{style: st, lines: st.wrap(text, width)}
		}
	}
	return p
}

// column is paragraphs below each other.
type column []paragraph

func (col *column) add(text string, st style, width float64) {
	if text != "" {
		*col = append(*col, set(text, st, width))
	}
}

// caption says what stands below it.
func (col *column) caption(text string) {
	*col = append(*col, paragraph{style: label, lines: []string{text}, after: 0.9})
}

func (col column) height() float64 {
	sum := 0.0
	for _, p := range col {
		sum += p.height()
	}
	return sum
}

func (col column) draw(c *canvas, x, y float64) {
	for _, p := range col {
		for _, l := range p.lines {
			c.text(x, y, l, p.style)
			y += p.leading()
		}
		y += p.after
	}
}

// opening is what stands above the lines: who writes to whom, and about what. It
// also says at which height the lines begin.
func (s *sheet) opening() (draw func(*canvas), y float64) {
	const half, windowTop = middle - left - gap, 52.0
	var name, seller, buyer column
	name.add(string(s.Seller.Name), masthead, half)
	s.address(&seller, s.Seller, quiet, right-middle)
	seller.add(string(s.Seller.Email), quiet, right-middle)

	buyer.caption(s.billTo)
	buyer.add(string(s.Reseller.Name), strong, half)
	s.address(&buyer, s.Reseller, body, half)
	facts := s.facts()

	partiesTop := max(windowTop, top+max(name.height(), seller.height())+wideGap)
	titleTop := max(partiesTop+max(buyer.height(), facts.height())+wideGap+gap, 96)
	var title column
	title.add(s.title(), headline, right-left)
	if p := s.Preceding; p != nil {
		title.add(s.refersTo(p.Number, s.date(p.IssuedOn)), body, right-left)
	}
	return func(c *canvas) {
		name.draw(c, left, top)
		seller.draw(c, middle, top+1)
		buyer.draw(c, left, partiesTop)
		facts.draw(c, middle, partiesTop)
		title.draw(c, left, titleTop)
	}, titleTop + title.height() + gap
}

func (s *sheet) address(col *column, p domain.Party, st style, width float64) {
	a := p.Address
	for _, text := range []string{
		string(a.Line1), string(a.Line2), strings.TrimSpace(clean(string(a.PostalCode)) + " " + clean(string(a.City))), s.country(a.Country),
	} {
		col.add(text, st, width)
	}
	if p.VATNumber != "" {
		col.add(s.vatNumber+" "+string(p.VATNumber), quiet, width)
	}
}

// facts are labels with what they are for beside them.
type facts struct {
	labelWidth float64
	rows       []fact
}

type fact struct {
	label string
	value paragraph
}

func (f *facts) add(name, value string, st style, width float64) {
	if value != "" {
		f.rows = append(f.rows, fact{name, set(value, st, width-f.labelWidth)})
	}
}

const factGap = 0.5

func (f facts) height() float64 {
	sum := 0.0
	for _, row := range f.rows {
		sum += row.value.height() + factGap
	}
	return sum
}

func (f facts) draw(c *canvas, x, y float64) {
	for _, row := range f.rows {
		c.text(x, y+figures.ascent()-label.ascent(), row.label, label)
		column{row.value}.draw(c, x+f.labelWidth, y)
		y += row.value.height() + factGap
	}
}

// facts say what is to be known before anything else.
func (s *sheet) facts() facts {
	f, width := facts{labelWidth: 30}, right-middle
	value := figures
	value.bold = true
	f.add(s.number, s.Number, value, width)
	if s.IssuedOn != 0 {
		f.add(s.issuedOn, s.date(s.IssuedOn), figures, width)
	}
	if s.payable() && s.DueOn != 0 {
		f.add(s.dueOn, s.date(s.DueOn), value, width)
		f.add(s.terms, s.paymentTerms(), figures, width)
	}
	f.add(s.period, s.month(s.Month), figures, width)
	f.add(s.contract, string(s.Contract), figures, width)
	f.add(s.currency, string(s.Currency), figures, width)
	return f
}

func (s *sheet) paymentTerms() string {
	if s.DueOn <= s.IssuedOn {
		return s.dueAtOnce
	}
	return s.days(s.count(int64(s.DueOn - s.IssuedOn)))
}

// margins are the foot of every page, and the head of those after the first.
func (s *sheet) margins(c *canvas, n, of int) {
	if n > 1 {
		c.text(left, 11, quiet.fit(string(s.Seller.Name), middle-left-gap), quiet)
		c.textTo(right, 11, quiet.fit(s.subject(), right-middle), quiet)
		c.rule(left, 15.5, 0.15, hairline)
	}
	c.rule(left, footer, 0.15, hairline)
	page, number := s.page(strconv.Itoa(n), strconv.Itoa(of)), ""
	if s.Seller.VATNumber != "" {
		number = "  ·  " + s.vatNumber + " " + quiet.fit(string(s.Seller.VATNumber), 40)
	}
	room := right - left - gap - quiet.width(page) - quiet.width(number)
	c.text(left, footer+1.8, quiet.fit(string(s.Seller.Name), room)+number, quiet)
	c.textTo(right, footer+1.8, page, quiet)
}
