package notify

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/licenseledger/licenseledger/domain"
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

// cleanParams makes every text harmless before words are put around it. It finds
// the texts itself, so that neither a language nor a new field can be forgotten.
func cleanParams(p domain.MailParams, clean func(string) string) domain.MailParams {
	return cleaned(reflect.ValueOf(p), clean).Interface().(domain.MailParams)
}

// cleaned copies a value and cleans the texts in the copy.
func cleaned(v reflect.Value, clean func(string) string) reflect.Value {
	result := reflect.New(v.Type()).Elem()
	result.Set(v)
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[domain.Note]() {
			result.SetString(cleanNote(v.String()))
		} else {
			result.SetString(clean(v.String()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			result.Field(i).Set(cleaned(v.Field(i), clean))
		}
	case reflect.Slice:
		result.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			result.Index(i).Set(cleaned(v.Index(i), clean))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			result.Set(reflect.New(v.Type().Elem()))
			result.Elem().Set(cleaned(v.Elem(), clean))
		}
	}
	return result
}

// cleanNote keeps the lines of a note.
func cleanNote(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = oneLine(line)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
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
