package domain

import (
	"testing"

	"pgregory.net/rapid"
)

// What is looked at letter by letter must take what its pattern, which other
// tools are told, takes.
func TestLettersAgreeWithPatterns(t *testing.T) {
	for _, f := range []form{idForm, derivedForm} {
		rapid.Check(t, func(t *rapid.T) {
			s := rapid.OneOf(
				rapid.String(),
				rapid.StringMatching(`[A-Za-z0-9._:/@+~-]{0,5}[\x00-\x7f]?\n?`),
				rapid.StringMatching(`a{127,129}`), rapid.StringMatching(`~{279,281}`),
				rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 3), func(b []byte) string { return string(b) }),
			).Draw(t, "text")
			if got, want := f.letters.spell(s), f.pattern.MatchString(s); got != want {
				t.Fatalf("%q: %v by letters, %v by %s", s, got, want, f.pattern)
			}
		})
	}
}
