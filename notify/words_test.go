package notify

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
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

func TestEveryEventIsTold(t *testing.T) {
	events := eventsOfTheDomain(t)
	for constant, event := range events {
		if _, known := mails[event]; !known {
			t.Errorf("nothing is told of domain.%s (%s)", constant, event)
		}
	}
	sampled := map[kind]bool{}
	for name, m := range samples() {
		if !strings.HasPrefix(name, m.Event) {
			t.Errorf("%s is a sample of %s", name, m.Event)
		}
		sampled[kindOf(m.Event, m.Params)] = true
	}
	for k := range mails {
		if !sampled[k] {
			t.Errorf("%s is not among the samples", k)
		}
	}
}

// broken are the marks of a sentence whose names were missing, of braces that
// were not filled in, and of a format that did not fit.
var broken = regexp.MustCompile(`%!|[{}|]|  [a-z]| [.,;:]|„“|\b(of|for|to|from|or|and|von|für|als|zum|und|oder|ve|veya|için) *[.,;:]|^[ ,]|^(için|hesab)| $`)

// Every sentence stands also where a fact that may be missing is missing.
func TestSentencesWithoutSomeFacts(t *testing.T) {
	for name, m := range samples() {
		for _, missing := range []string{"", "Name", "Reseller", "Order", "PurchaseOrder", "Note", "By", "Why", "Deployment"} {
			m := m
			switch {
			case missing == "Reseller" && m.Event == domain.MailRequested, missing == "Order" && m.Event != domain.MailAssigned:
				continue // these are never missing
			case missing == "Name":
				m.Name = ""
			case missing != "":
				reflect.ValueOf(&m.Params).Elem().FieldByName(missing).SetZero()
			}
			for tag, l := range languages {
				k := kindOf(m.Event, m.Params)
				body := newDraft(l, m.Params).write(k, m.Name)
				sentences := map[string]string{
					"subject": newDraft(l, m.Params).subject(k), "badge": body.badge, "greeting": body.greeting, "lead": body.lead,
					"next": body.next, "reason": body.reason,
				}
				for i, line := range append(body.table.plain, body.tasks.lines...) {
					sentences[fmt.Sprint("line ", i+1)] = line
				}
				for what, sentence := range sentences {
					if found := broken.FindString(sentence); found != "" || sentence == "" {
						t.Errorf("%s in %s without %q: %q in the %s, %q", name, tag, missing, found, what, sentence)
					}
				}
			}
		}
	}
}

// Whatever a mail knows stands in both of its parts.
func TestBothPartsTellTheSame(t *testing.T) {
	tags := regexp.MustCompile(`<[^>]*>`)
	for _, l := range languages {
		for name, m := range samples() {
			rendered, err := Render(in(l, m))
			if err != nil {
				t.Fatal(err)
			}
			_, html, _ := strings.Cut(rendered.HTML, "<body")
			html = flat(unescape.Replace(tags.ReplaceAllString(html, " ")))
			text := flat(strings.ReplaceAll(rendered.Text, "\n  >", "\n"))
			tell := func(fact string) {
				for part, content := range map[string]string{"text": text, "HTML": html} {
					if !strings.Contains(content, flat(fact)) {
						t.Errorf("%s in %s: %q is missing in the %s", name, l.tag, fact, part)
					}
				}
			}
			texts(reflect.ValueOf(m.Params), func(v reflect.Value) {
				fact := v.String()
				switch {
				case v.Type() == reflect.TypeFor[domain.Plan]():
					fact = l.plans[domain.Plan(fact)]
				case amounts.MatchString(fact):
					fact = strings.TrimPrefix(l.amount(fact), "-") // a credit note has its own words for what is below zero
				case slices.Contains([]string{domain.AttentionMissingRate, domain.AttentionFailed, domain.AttentionEnded}, fact):
					return // in words
				}
				tell(fact)
			})
			body := newDraft(l, m.Params).write(kindOf(m.Event, m.Params), m.Name)
			for _, sentence := range append([]string{body.greeting, body.lead, body.next, body.reason}, body.tasks.lines...) {
				tell(sentence)
			}
		}
	}
}

var amounts = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

var unescape = strings.NewReplacer("&#39;", "'", "&amp;", "&", "&#43;", "+", "&lt;", "<", "&gt;", ">", "&#34;", `"`)

func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// texts visits every text that is not empty.
func texts(v reflect.Value, visit func(reflect.Value)) {
	switch v.Kind() {
	case reflect.String:
		if v.String() != "" {
			visit(v)
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

func contains(t *testing.T, content, want string) {
	t.Helper()
	if !strings.Contains(content, want) {
		t.Errorf("%q is missing in %q", want, content)
	}
}
