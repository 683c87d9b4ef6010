package notify

import (
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
)

// eachText visits every text of a language by the path to it, and every place
// where one is missing.
func eachText(path string, v reflect.Value, visit func(path, text string)) {
	switch v.Kind() {
	case reflect.String:
		visit(path, v.String())
	case reflect.Struct:
		for i := range v.NumField() {
			eachText(path+"."+v.Type().Field(i).Name, v.Field(i), visit)
		}
	case reflect.Array:
		for i := range v.Len() {
			eachText(fmt.Sprintf("%s[%d]", path, i), v.Index(i), visit)
		}
	case reflect.Map:
		for key, value := range v.Seq2() {
			eachText(fmt.Sprintf("%s[%s]", path, key), value, visit)
		}
	}
}

func textsOf(l *language) map[string]string {
	found := map[string]string{}
	eachText("", reflect.ValueOf(l).Elem(), func(path, text string) { found[path] = text })
	return found
}

// A translation that is missing fails here, and not before a recipient.
func TestLanguagesAreComplete(t *testing.T) {
	files, err := filepath.Glob("language_??*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		tag := strings.TrimSuffix(strings.TrimPrefix(file, "language_"), ".go")
		if _, known := languages[tag]; !known && tag != "test" {
			t.Errorf("%s is not among the languages", file)
		}
	}
	wanted := slices.Sorted(maps.Keys(textsOf(&english)))
	for tag, l := range languages {
		got := textsOf(l)
		for path, text := range got {
			if text == "" || text != strings.TrimSpace(text) && path != ".what.and" && path != ".closing.and" {
				t.Errorf("%s%s is %q", tag, path, text)
			}
		}
		if has := slices.Sorted(maps.Keys(got)); !slices.Equal(has, wanted) {
			t.Errorf("%s has other texts than English: %v", tag, difference(has, wanted))
		}
		if l.tag != tag || l.forms == nil {
			t.Errorf("%s is not set up", tag)
		}
		for k := range mails {
			if l.words[k] == (words{}) {
				t.Errorf("%s has no words for %s", tag, k)
			}
		}
		if len(l.words) != len(mails) {
			t.Errorf("%s has words for %d of %d kinds", tag, len(l.words), len(mails))
		}
		for _, p := range []domain.Plan{domain.Flexible, domain.AnnualMonthly, domain.AnnualYearly} {
			if l.plans[p] == "" {
				t.Errorf("%s has no words for the plan %s", tag, p)
			}
		}
	}
}

func difference(a, b []string) []string {
	var only []string
	for _, s := range slices.Concat(a, b) {
		if !slices.Contains(a, s) || !slices.Contains(b, s) {
			only = append(only, s)
		}
	}
	return only
}

// A language may put the facts of a message in any order, but not leave one out;
// and it needs a form for every number.
func TestMessagesNameTheSameFacts(t *testing.T) {
	reference := textsOf(&english)
	for tag, l := range languages {
		forms := form(0)
		for n := range int64(1001) {
			forms = max(forms, l.forms(n)+1)
		}
		for path, text := range textsOf(l) {
			if got, want := factsIn(text), factsIn(reference[path]); !slices.Equal(got, want) {
				t.Errorf("%s%s names %v, in English %v", tag, path, got, want)
			}
			if got, want := strings.Count(text, or), strings.Count(reference[path], or); got != want {
				t.Errorf("%s%s has %d alternatives, in English %d", tag, path, got+1, want+1)
			}
			for _, s := range braces.FindAllString(text, -1) {
				if n := strings.Count(s, "|"); n > 0 && n+1 != int(forms) {
					t.Errorf("%s%s has %d forms in %s, the language has %d", tag, path, n+1, s, forms)
				}
			}
			if rest := braces.ReplaceAllString(text, ""); strings.ContainsAny(rest, "{}|") {
				t.Errorf("%s%s has stray braces: %q", tag, path, text)
			}
		}
	}
}

// factsIn are the names in braces, each once.
func factsIn(text string) []string {
	named := map[string]bool{}
	for _, s := range braces.FindAllString(text, -1) {
		if !strings.Contains(s, "|") {
			named[s] = true
		}
	}
	return slices.Sorted(maps.Keys(named))
}

// Vowel harmony and the case of a name depend on how it is read, so no suffix
// may follow a fact.
func TestTurkishPutsNoSuffixOnFacts(t *testing.T) {
	suffix := regexp.MustCompile(`\}['’]?\p{L}`)
	for path, text := range textsOf(&turkish) {
		if found := suffix.FindString(text); found != "" {
			t.Errorf("tr%s: %s in %q", path, found, text)
		}
	}
}

func TestFigures(t *testing.T) {
	for _, c := range []struct{ of, en, de, tr string }{
		{"0", "0", "0", "0"},
		{"999", "999", "999", "999"},
		{"1000", "1,000", "1.000", "1.000"},
		{"1234567", "1,234,567", "1.234.567", "1.234.567"},
		{"-1234", "-1,234", "-1.234", "-1.234"},
		{"0.00", "0.00", "0,00", "0,00"},
		{"999.5", "999.5", "999,5", "999,5"},
		{"1234.50", "1,234.50", "1.234,50", "1.234,50"},
		{"-123456.78", "-123,456.78", "-123.456,78", "-123.456,78"},
	} {
		for tag, want := range map[string]string{"en": c.en, "de": c.de, "tr": c.tr} {
			if got := languages[tag].amount(c.of); got != want {
				t.Errorf("%s in %s is %s, want %s", c.of, tag, got, want)
			}
		}
	}
	for amount, want := range map[string]string{"-1190.00": "1190.00", "7.10": "-7.10", "0.00": "0.00", "0": "0"} {
		if got := negated(amount); got != want {
			t.Errorf("%s is credited as %s", amount, got)
		}
	}
	for tag, want := range map[string][3]string{
		"en": {"2 December 2026", "December 2026", "EUR 1,234.50"},
		"de": {"2. Dezember 2026", "Dezember 2026", "1.234,50 EUR"},
		"tr": {"2 Aralık 2026", "Aralık 2026", "1.234,50 EUR"},
	} {
		l, day := languages[tag], domain.NewDate(2026, 12, 2)
		if got := [3]string{l.day(day), l.monthOf(domain.Period(day)), l.amountIn("EUR", "1234.50")}; got != want {
			t.Errorf("%s: %q", tag, got)
		}
	}
}

func TestAlternatives(t *testing.T) {
	const m = "{by} asked for {it|them}: {what}." + or + "{It was|They were} asked for: {what}."
	for _, c := range []struct {
		n    int64
		by   string
		want string
	}{{1, "Ada", "Ada asked for it: x."}, {0, "Ada", "Ada asked for them: x."}, {1, "", "It was asked for: x."}, {1000, "", "They were asked for: x."}} {
		if got := english.say(m, c.n, known{"by": c.by, "what": "x"}); got != c.want {
			t.Errorf("%d, %q: %s", c.n, c.by, got)
		}
	}
	if got := english.say("{by}: {what}", 1, known{"by": "{what}", "what": "{a|b}"}); got != "{what}: {a|b}" {
		t.Errorf("a name was taken for a message: %s", got)
	}
}
