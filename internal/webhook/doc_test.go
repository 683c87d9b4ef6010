package webhook

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/events"
)

var update = flag.Bool("update", false, "write docs/events.md and its schema anew")

// TestTheEventsAreDocumented makes docs/events.md out of the table of types and
// the examples that other tests run, and wants the file to be just that.
func TestTheEventsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("testdata/events.md")
	check(t, err)
	python, err := os.ReadFile("testdata/verify.py")
	check(t, err)
	source, err := os.ReadFile("verify_test.go")
	check(t, err)
	_, function, found := strings.Cut(string(source), ")\n\n")
	if !found {
		t.Fatal("no function in verify_test.go")
	}
	doc := strings.NewReplacer("{{go}}", function, "{{python}}", string(python), "{{types}}", typesDoc()).Replace(string(text))
	golden(t, "../../docs/events.md", []byte(doc))
	golden(t, "../../docs/schemas/event.schema.json", events.Schema())
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		check(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	check(t, err)
	if !bytes.Equal(want, got) {
		t.Errorf("%s differs; go test ./internal/webhook -run Documented -update writes it:\n%s", file, got)
	}
}

func typesDoc() string {
	var doc strings.Builder
	doc.WriteString("The subject is the field in bold; a question mark: left out where there is none.\n\n| type | what happened | data |\n|---|---|---|\n")
	for _, typ := range events.Types {
		var names []string
		for _, f := range typ.Fields() {
			name := "`" + f.Name + "`"
			if f.Name == typ.Subject {
				name = "**" + name + "**"
			}
			if f.Optional {
				name += "?"
			}
			names = append(names, name)
		}
		fmt.Fprintf(&doc, "| `%s` | %s | %s |\n", typ.Name, typ.Purpose, strings.Join(names, ", "))
	}
	doc.WriteString("\n| field | value |\n|---|---|\n")
	said := map[string]bool{}
	for _, typ := range events.Types {
		for _, f := range typ.Fields() {
			if value := valueOf(f); !said[f.Name] && value != "" {
				said[f.Name] = true
				fmt.Fprintf(&doc, "| `%s` | %s |\n", f.Name, value)
			}
		}
	}
	doc.WriteString("| all others | ids, and words of the commands |\n\n")
	return doc.String()
}

// valueOf says what a field holds, if it is not a string.
func valueOf(f events.Field) string {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case f.Name == "from":
		return "account or learner; of `tax.changed` a date"
	case t == reflect.TypeFor[domain.Date]():
		return "date or null"
	case t == reflect.TypeFor[domain.Period]():
		return "month, like `2026-11`"
	case f.Name == "net" || f.Name == "vat_total" || f.Name == "total":
		return "amount, a decimal string"
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		if f.Type != t && !f.Optional {
			return "integer or null"
		}
		return "integer"
	case t.Kind() == reflect.Slice:
		var members []string
		for i := range t.Elem().NumField() {
			name, _, optional := strings.Cut(t.Elem().Field(i).Tag.Get("json"), ",")
			if optional {
				name += "?"
			}
			members = append(members, name)
		}
		return "list of {" + strings.Join(members, ", ") + "}"
	}
	return ""
}
