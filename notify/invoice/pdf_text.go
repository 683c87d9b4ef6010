package invoice

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	// missing stands for a letter that no font has.
	missing = '□'
	// pointsPerMM is how sizes of type relate to everything else.
	pointsPerMM = 72 / 25.4
)

// style is how text looks.
type style struct {
	points float64
	bold   bool
	ink    ink
}

func (s style) face() *face {
	if s.bold {
		return bold()
	}
	return regular()
}

// leading is the distance from line to line.
func (s style) leading() float64 { return s.points * 1.36 / pointsPerMM }

// ascent is from the top of a line down to its letters' feet.
func (s style) ascent() float64 { return s.points * 1.02 / pointsPerMM }

// clean makes a text one line of letters that can all be drawn. Composed letters
// are taken before marks; what only controls other letters is left out; what no
// font has is shown as missing, as are emoji.
func clean(s string) string {
	if plain(s) {
		return s
	}
	cleaned := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f', unicode.IsControl(r):
			return ' '
		case unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
			return -1
		case faceOf(r, regular()) == nil:
			return missing
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD")))
	if strings.TrimSpace(cleaned) == "" && strings.TrimSpace(s) != "" {
		return string(missing) // something was there
	}
	return cleaned
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// faceOf is the font for a letter, and nil if none has it.
func faceOf(r rune, preferred *face) *face {
	if preferred.has(r) {
		return preferred
	}
	if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x3000 && r <= 0x30ff || r >= 0xff00 && r <= 0xffef {
		if f := japanese(); f != nil && f.has(r) {
			return f
		}
	}
	return nil
}

// run is letters in a row that one font draws.
type run struct {
	face  *face
	text  string
	width float64
}

// runs takes a cleaned text apart where the font changes.
func (s style) runs(text string) []run {
	preferred := s.face()
	var all []run
	begin, thousandths := 0, 0
	var current *face
	end := func(at int) {
		if at > begin {
			all = append(all, run{current, text[begin:at], s.mm(thousandths)})
		}
		begin, thousandths = at, 0
	}
	for i, r := range text {
		if f := faceOf(r, preferred); f != current {
			end(i)
			current = f
		}
		thousandths += int(current.widths[r])
	}
	end(len(text))
	return all
}

func (s style) mm(thousandths int) float64 {
	return float64(thousandths) * s.points / 1000 / pointsPerMM
}

// width is how wide a text is in one line.
func (s style) width(text string) float64 {
	width := 0.0
	for _, r := range s.runs(clean(text)) {
		width += r.width
	}
	return width
}

// wrap breaks a text into lines: at spaces, beside Japanese letters, and
// anywhere in what is too long for a line of its own.
func (s style) wrap(text string, width float64) []string {
	text = clean(text)
	preferred, room := s.face(), int(width*pointsPerMM*1000/s.points)
	var lines []string
	begin, used := 0, 0 // of this line
	at, since := -1, 0  // where it can be broken, and how wide what follows is
	for i, r := range text {
		f := faceOf(r, preferred)
		w := int(f.widths[r])
		if i > begin && (f != preferred || r == ' ') {
			at, since = i, 0
		}
		for used+w > room && i > begin && r != ' ' {
			if at <= begin {
				at, since = i, 0
			}
			lines = append(lines, strings.TrimRight(text[begin:at], " "))
			begin, used = at, since
			if text[begin] == ' ' {
				begin, used = begin+1, used-int(preferred.widths[' '])
			}
			at = -1
		}
		used, since = used+w, since+w
	}
	return append(lines, strings.TrimRight(text[begin:], " "))
}

// fit shortens a text to one line of a width.
func (s style) fit(text string, width float64) string {
	text = clean(text)
	if s.width(text) <= width {
		return text
	}
	letters := []rune(text)
	for len(letters) > 0 && s.width(string(letters)+"…") > width {
		letters = letters[:len(letters)-1]
	}
	return strings.TrimRight(string(letters), " ") + "…"
}

// shrunk is the style, made smaller where a text would be wider than there is room.
func (s style) shrunk(text string, width float64) style {
	if w := s.width(text); w > width {
		s.points *= width / w
	}
	return s
}
