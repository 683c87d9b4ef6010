package invoice

import (
	"bytes"
	"slices"

	"codeberg.org/go-pdf/fpdf"
)

// ink is a colour in red, green and blue.
type ink [3]int

// The colours: one stands out, the others are shades of grey.
var (
	accent   = ink{16, 84, 108}
	black    = ink{29, 33, 38}
	grey     = ink{98, 106, 115}
	hairline = ink{212, 217, 222}
)

// A page of A4, in millimetres.
const (
	pageWidth, pageHeight  = 210.0, 297.0
	left, right            = 22.0, 190.0
	top, bottom            = 20.0, 274.0 // of what is between the margins
	footer                 = 281.0
	middle                 = 116.0 // where the right half begins
	smallGap, gap, wideGap = 1.6, 4.0, 9.0
)

// canvas draws on the pages of one PDF.
type canvas struct {
	pdf    *fpdf.Fpdf
	face   *face
	points float64
	ink    ink
	known  []*face
}

func newCanvas() *canvas {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetCatalogSort(true)
	return &canvas{pdf: pdf}
}

func (c *canvas) addPage() {
	c.face = nil // on a new page, the font must be chosen again
	c.pdf.AddPage()
}

// text draws one line of which x is the left end and y the top.
func (c *canvas) text(x, y float64, s string, st style) {
	for _, r := range st.runs(clean(s)) {
		c.choose(r.face, st)
		c.pdf.Text(x, y+st.ascent(), r.text)
		x += r.width
	}
}

// textTo draws one line of which x is the right end.
func (c *canvas) textTo(x, y float64, s string, st style) {
	c.text(x-st.width(s), y, s, st)
}

func (c *canvas) choose(f *face, st style) {
	if !slices.Contains(c.known, f) {
		// A copy: the library writes into what it is given.
		c.pdf.AddUTF8FontFromBytes(f.name, "", bytes.Clone(f.data))
		c.known = append(c.known, f)
	}
	if c.face != f || c.points != st.points {
		c.pdf.SetFont(f.name, "", st.points)
		c.face, c.points = f, st.points
	}
	if c.ink != st.ink {
		c.pdf.SetTextColor(st.ink[0], st.ink[1], st.ink[2])
		c.ink = st.ink
	}
}

// rule draws a line across, to the right margin.
func (c *canvas) rule(from, y, width float64, i ink) {
	c.pdf.SetDrawColor(i[0], i[1], i[2])
	c.pdf.SetLineWidth(width)
	c.pdf.Line(from, y, right, y)
}
