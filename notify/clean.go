package notify

import (
	"fmt"
	"strings"
	"unicode"
)

// oneLine makes a text safe to show anywhere in a mail: one line, without
// control characters and without the marks that turn the direction of what
// stands around them.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ") // line and paragraph separators are space too
	// In a header, this begins an encoded word: readers would show something else.
	return strings.ReplaceAll(s, "=?", "= ?")
}

// cut shortens a text to so many characters, not in the middle of a combined one.
func cut(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	end := limit - 1
	for end > limit/2 && joined(runes[end-1], runes[end]) {
		end--
	}
	return strings.TrimRight(string(runes[:end]), " ") + "…"
}

const zeroWidthJoiner = '\u200D'

func joined(a, b rune) bool {
	return a == zeroWidthJoiner || b == zeroWidthJoiner || unicode.Is(unicode.M, b) ||
		b >= 0x1F3FB && b <= 0x1F3FF || // skin tones
		unicode.Is(unicode.Regional_Indicator, a) && unicode.Is(unicode.Regional_Indicator, b) // flags
}

// encodeWords writes a header's text in ASCII, as encoded words that fit the
// first line with the header's name before them. go-mail's own do not, and
// some readers then see the text begin with a space.
func encodeWords(s string) string {
	const (
		begin, end = "=?utf-8?q?", "?="
		room       = 50
	)
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
		return s
	}
	var words []string
	word := ""
	for _, r := range s {
		q := quotedPrintable(r)
		if len(word)+len(q) > room {
			words, word = append(words, begin+word+end), ""
		}
		word += q
	}
	return strings.Join(append(words, begin+word+end), " ")
}

func quotedPrintable(r rune) string {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return string(r)
	case r == ' ':
		return "_"
	}
	q := ""
	for _, b := range []byte(string(r)) {
		q += fmt.Sprintf("=%02X", b)
	}
	return q
}
