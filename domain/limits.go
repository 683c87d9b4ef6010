package domain

import (
	"fmt"
	"regexp"
	"unicode/utf8"
)

// Schema says in keywords of JSON Schema (draft 2020-12) what a type's Check
// takes. Patterns keep to what RE2, ECMAScript and Python read alike; only that
// Python lets a newline stand before $.
type Schema map[string]any

// form is how a short text of ASCII must look, and what is said of one that does not.
type form struct {
	pattern *regexp.Regexp
	longest int // in characters, 0 where the pattern says it
	wrong   string
	letters *letters // faster than the pattern, where one class of letters is all it says
}

// letters are those that a text of one to so many may have.
type letters struct {
	allowed [256]bool
	most    int
}

// spelled is the form of one to so many letters of a class. Every command has ids,
// so they are not looked at with the pattern.
func spelled(class string, most int, wrong string) form {
	f := form{pattern: regexp.MustCompile(fmt.Sprintf("^[%s]{1,%d}$", class, most)), wrong: wrong, letters: &letters{most: most}}
	for c := range byte(utf8.RuneSelf) {
		f.letters.allowed[c] = f.pattern.MatchString(string(rune(c)))
	}
	return f
}

func (l *letters) spell(s string) bool {
	for i := range len(s) {
		if !l.allowed[s[i]] {
			return false
		}
	}
	return len(s) >= 1 && len(s) <= l.most
}

func (f form) check(s string) string {
	if f.letters != nil && f.letters.spell(s) {
		return ""
	}
	if f.longest > 0 && len(s) > f.longest || !f.pattern.MatchString(s) {
		return quote(s) + " " + f.wrong
	}
	return ""
}

func (f form) schema() Schema {
	s := Schema{"type": "string", "pattern": f.pattern.String()}
	if f.longest > 0 {
		s["maxLength"] = f.longest
	}
	return s
}

// bounds are the least and the greatest of whole numbers.
type bounds struct{ low, high int64 }

func (b bounds) check(v int64) string {
	if v < b.low || v > b.high {
		return fmt.Sprintf("%d is not between %d and %d", v, b.low, b.high)
	}
	return ""
}

func (b bounds) schema() Schema {
	return Schema{"type": "integer", "minimum": b.low, "maximum": b.high}
}

// prose is what people read.
type prose struct {
	longest   int // in characters
	forbidden *regexp.Regexp
}

func (p prose) check(s string) string {
	if !utf8.ValidString(s) {
		return "is not UTF-8 text"
	}
	if n := utf8.RuneCountInString(s); n > p.longest {
		return fmt.Sprintf("has %d characters; %d are allowed", n, p.longest)
	}
	if at := p.forbidden.FindStringIndex(s); at != nil {
		r, _ := utf8.DecodeRuneInString(s[at[0]:])
		return fmt.Sprintf("has the control character %U at byte %d", r, at[0])
	}
	return ""
}

func (p prose) schema() Schema {
	return Schema{"type": "string", "maxLength": p.longest, "not": Schema{"pattern": p.forbidden.String()}}
}

// FieldRule is what a command asks of one field because of another's value, or
// of a list in any case. Schemas say these rules too; CheckFields has those that
// no schema can say.
type FieldRule struct {
	If, Is  string // a field and its value; none: always
	Needs   string // the field that must be given then,
	Refuses string // or must not be given
	What    string // is wrong otherwise
}
