package invoice

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestWhatIsDrawnOfAText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"Northwind Ltd.", "Northwind Ltd."},
		{"Şişli Çözüm İĞ, Zażółć, Ελληνικά, Nguyễn Ước, Ромашка", "Şişli Çözüm İĞ, Zażółć, Ελληνικά, Nguyễn Ước, Ромашка"},
		{"e\u0301 u\u031b\u0301 \u1ec7", "é \u1ee9 ệ"},
		{"Rocket 🚀", "Rocket □"},
		{"👩\u200d💻", "□□"},
		{"שלום", "□□□□"},
		{"a\u00adb\u200bc\u202ed\u2066e\ufe0f", "abcde"},
		{"one\ntwo\tthree\u2028four\x00", "one two three four "},
		{"\xff\xfe", "\uFFFD"},
		{"\u200b\u200d", "□"},
		{"\U0001F680\U000E0067", "□"},
		{"(100 %) \\ {nb}", "(100 %) \\ {nb}"},
		{"", ""},
	} {
		if got := clean(c.text); got != c.want {
			t.Errorf("%q is drawn as %q, want %q", c.text, got, c.want)
		}
	}
}

// With a Japanese font or without: nothing is blank.
func TestJapanese(t *testing.T) {
	t.Parallel()
	want := "株式会社"
	if japanese() == nil {
		t.Log("no Japanese font is installed")
		want = "□□□□"
	}
	if got := clean("株式会社"); got != want {
		t.Errorf("drawn as %q, want %q", got, want)
	}
	if runs := (style{points: 9, bold: true}).runs(clean("A株式B")); japanese() != nil && len(runs) != 3 {
		t.Errorf("%d runs", len(runs))
	}
}

// A text that is bold has the same letters.
func TestBothFontsHaveTheSameLetters(t *testing.T) {
	t.Parallel()
	count := 0
	for r := range rune(1 << 16) {
		if regular().has(r) != bold().has(r) {
			t.Errorf("only one font has %U", r)
		}
		if regular().has(r) {
			count++
		}
	}
	for _, r := range "□\uFFFD…×÷−·₺€£¥₽" {
		if !regular().has(r) {
			t.Errorf("%c is missing", r)
		}
	}
	if count < 1400 {
		t.Errorf("only %d letters", count)
	}
}

func TestWrappedTextIsNeitherTooWideNorChanged(t *testing.T) {
	t.Parallel()
	letters := rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune("aWi  -")), rapid.RuneFrom([]rune("株式Ş🚀\u0301")), rapid.Rune()))
	rapid.Check(t, func(t *rapid.T) {
		text := letters.Draw(t, "text")
		st := style{points: rapid.SampledFrom([]float64{7.5, 9, 19}).Draw(t, "points"), bold: rapid.Bool().Draw(t, "bold")}
		width := rapid.Float64Range(10, 100).Draw(t, "width")
		lines := st.wrap(text, width)
		for _, l := range lines {
			if st.width(l) > width && utf8.RuneCountInString(l) > 1 {
				t.Fatalf("%q is %f wide, not %f", l, st.width(l), width)
			}
		}
		without := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if got, want := without(strings.Join(lines, "")), without(clean(text)); got != want {
			t.Fatalf("%q became %q", want, got)
		}
	})
}

func TestTextIsBrokenAtSpaces(t *testing.T) {
	t.Parallel()
	st := style{points: 9}
	for _, c := range []struct {
		text string
		fits string // as much as there is room for in a line
		want string
	}{
		{"one two three", "one two", "one two|three"},
		{"one two three", "one twothr", "one two|three"},
		{"onetwothree", "onetwo", "onetwo|three"},
		{"a onetwothree", "onetwo", "a|onetwo|three"},
		{"one   two", "one ", "one|two"},
		{"", "one", ""},
	} {
		if got := strings.Join(st.wrap(c.text, st.width(c.fits)+0.01), "|"); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.text, c.fits, got, c.want)
		}
	}
}

func TestLongTextIsShortenedToFit(t *testing.T) {
	t.Parallel()
	st := style{points: 9}
	if got := st.fit("Northwind Traders", st.width("Northwind…")+0.01); got != "Northwind…" {
		t.Error(got)
	}
	if got := st.fit("Northwind", 100); got != "Northwind" {
		t.Error(got)
	}
}
