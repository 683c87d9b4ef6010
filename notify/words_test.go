package notify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
)

// eventsOfTheDomain reads the constants from the source, so that one that comes
// later is found here and not by a recipient.
func eventsOfTheDomain(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../domain/*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, isValue := n.(*ast.ValueSpec)
			if !isValue {
				return true
			}
			for i, value := range spec.Values {
				literal, isLiteral := value.(*ast.BasicLit)
				if !isLiteral || literal.Kind != token.STRING || !strings.HasPrefix(spec.Names[i].Name, "Mail") {
					continue
				}
				if event, err := strconv.Unquote(literal.Value); err == nil && strings.Contains(event, ".") {
					named[spec.Names[i].Name] = event
				}
			}
			return true
		})
	}
	if named["MailAssigned"] != domain.MailAssigned || len(named) < 7 {
		t.Fatalf("the constants were not found: %v", named)
	}
	return named
}

func TestEveryEventHasWords(t *testing.T) {
	events := eventsOfTheDomain(t)
	for constant, event := range events {
		for tag, l := range languages {
			if e := l.events[event]; e.subject == nil || e.letter == nil {
				t.Errorf("domain.%s (%s) has no words in %q", constant, event, tag)
			}
		}
		if _, known := tones[event]; !known {
			t.Errorf("domain.%s (%s) has no tone", constant, event)
		}
		if _, shown := samples()[event]; !shown {
			t.Errorf("domain.%s (%s) is not among the samples", constant, event)
		}
	}
	for tag, l := range languages {
		if l.tag != tag || len(l.events) != len(events) {
			t.Errorf("%q is for %q and has words for %d of %d events", tag, l.tag, len(l.events), len(events))
		}
	}
}

// broken are the marks of a sentence whose names were missing, and of a format
// that did not fit.
var broken = regexp.MustCompile(`%!|  [a-z]| [.,;:]|\b(of|for|to|from|or|and) *[.,;:]|^ | $`)

// Every sentence stands also where a fact that may be missing is missing.
func TestSentencesWithoutSomeFacts(t *testing.T) {
	for name, s := range samples() {
		for _, missing := range []string{"", "Name", "Reseller", "Order", "PurchaseOrder", "Note", "By", "Why", "Deployment"} {
			m := s.mail
			switch {
			case missing == "Reseller" && m.Event == domain.MailRequested, missing == "Order" && m.Event != domain.MailAssigned:
				continue // these are never missing
			case missing == "Name":
				m.Name = ""
			case missing != "":
				reflect.ValueOf(&m.Params).Elem().FieldByName(missing).SetZero()
			}
			for tag, l := range languages {
				body := l.events[m.Event].letter(m)
				for what, sentence := range map[string]string{
					"subject": l.events[m.Event].subject(m.Params), "badge": body.badge, "greeting": body.greeting, "lead": body.lead, "next": body.next, "reason": body.reason,
				} {
					if broken.MatchString(sentence) || sentence == "" && what != "next" {
						t.Errorf("%s in %s without %q: the %s is %q", name, tag, missing, what, sentence)
					}
				}
			}
		}
	}
}

// Whatever a mail knows stands in both of its parts.
func TestBothPartsTellTheSame(t *testing.T) {
	tags := regexp.MustCompile(`<[^>]*>`)
	for name, s := range samples() {
		rendered, err := Render(s.mail)
		if err != nil {
			t.Fatal(err)
		}
		_, html, _ := strings.Cut(rendered.HTML, "<body")
		html = flat(unescape.Replace(tags.ReplaceAllString(html, " ")))
		text := flat(strings.ReplaceAll(rendered.Text, "\n  >", "\n"))
		texts(reflect.ValueOf(s.mail.Params), func(fact string) {
			if fact == string(domain.Flexible) || fact == string(domain.AnnualMonthly) {
				return // in words
			}
			if amounts.MatchString(fact) {
				fact = strings.TrimPrefix(englishAmount(fact), "-") // a credit note has its own words for what is below zero
			}
			for part, content := range map[string]string{"text": text, "HTML": html} {
				if !strings.Contains(content, flat(fact)) {
					t.Errorf("%s: %q is missing in the %s", name, fact, part)
				}
			}
		})
	}
}

var amounts = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

var unescape = strings.NewReplacer("&#39;", "'", "&amp;", "&", "&#43;", "+", "&lt;", "<", "&gt;", ">", "&#34;", `"`)

func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// texts visits every text that is not empty.
func texts(v reflect.Value, visit func(string)) {
	switch v.Kind() {
	case reflect.String:
		if v.String() != "" {
			visit(v.String())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			texts(v.Field(i), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			texts(v.Index(i), visit)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			texts(v.Elem(), visit)
		}
	}
}
