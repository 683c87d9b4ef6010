package invoice

// strip is a piece of a page that is never divided.
type strip struct {
	height float64
	bond   bond
	// above is what stands above it if a page begins with it: the head of the
	// table, and to whom the lines belong.
	above []strip
	draw  func(c *canvas, y float64)
}

// bond says how a strip holds on to the next.
type bond int

const (
	loose bond = iota
	// together keeps them on one page, unless all that holds together is higher than a page.
	together
	// always is for headings: there is nothing without what follows.
	always
)

// placed is a strip at its height on a page.
type placed struct {
	strip
	y float64
}

// paginate puts strips onto pages, from a height of the first one on.
func paginate(strips []strip, y float64) [][]placed {
	p := &paginator{pages: make([][]placed, 1), y: y}
	for len(strips) > 0 {
		n := bound(strips, together)
		p.put(strips[:n])
		strips = strips[n:]
	}
	return p.pages
}

type paginator struct {
	pages [][]placed
	y     float64
}

// put places what holds together: here, on a new page, or in pieces.
func (p *paginator) put(strips []strip) {
	switch {
	case p.fits(strips):
	case heightOf(strips[0].above)+heightOf(strips) <= bottom-top || bound(strips, always) == len(strips):
		p.turn(strips[0].above)
	default:
		for len(strips) > 0 {
			n := bound(strips, always)
			p.put(strips[:n])
			strips = strips[n:]
		}
		return
	}
	for _, s := range strips {
		p.place(s)
	}
}

func (p *paginator) fits(strips []strip) bool { return p.y+heightOf(strips) <= bottom }

func (p *paginator) turn(above []strip) {
	p.pages, p.y = append(p.pages, nil), top
	for _, s := range above {
		p.place(s)
	}
}

func (p *paginator) place(s strip) {
	last := len(p.pages) - 1
	p.pages[last] = append(p.pages[last], placed{s, p.y})
	p.y += s.height
}

// bound counts the strips from the first on that hold together as firmly as asked for.
func bound(strips []strip, firmly bond) int {
	n := 1
	for n < len(strips) && strips[n-1].bond >= firmly {
		n++
	}
	return n
}

func heightOf(strips []strip) float64 {
	sum := 0.0
	for _, s := range strips {
		sum += s.height
	}
	return sum
}
