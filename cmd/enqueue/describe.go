package main

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

// The help says what the types of fields say themselves: their words, and what
// they complain about when they are shown nonsense.

type worded interface{ Words() []string }

// help describes a flag.
func (g flag) help() string {
	var parts []string
	if limits := jobs.Limits(g.field.Type); limits != "" {
		parts = append(parts, limits)
	}
	if g.sort == listFlag || g.sort == itemFlag {
		repeat := "repeat the flag for more"
		if g.singular != "" {
			repeat += ", also as --" + g.singular
		}
		if !g.field.Optional && g.sort == listFlag {
			repeat += "; --" + g.name + "= gives none"
		}
		parts = append(parts, repeat)
	}
	switch {
	case g.field.Default != "":
		parts = append(parts, "default: "+g.field.Default)
	case g.sort == boolFlag:
		parts = append(parts, "default: false")
	case !g.field.Optional:
		parts = append(parts, "required")
	}
	return sentence(strings.Join(parts, "; "))
}

func (g flag) placeholder() string {
	t := g.field.Type
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	switch {
	case g.sort == itemFlag:
		return "PRODUCT=QUANTITY" + moreOfItem(g)
	case g.sort == rawFlag:
		return "N"
	case t == reflect.TypeFor[domain.Date]():
		return "DATE"
	case t == reflect.TypeFor[time.Time]():
		return "INSTANT"
	case t == reflect.TypeFor[domain.Name](), t == reflect.TypeFor[domain.Note]():
		return "TEXT"
	case t == reflect.TypeFor[domain.Email]():
		return "ADDRESS"
	case t == reflect.TypeFor[domain.UserID]():
		return "USER"
	}
	return strings.ToUpper(g.path[len(g.path)-1])
}

func moreOfItem(g flag) string {
	more := ""
	for _, field := range g.field.Fields()[2:] {
		more += fmt.Sprintf("[,%s=%s]", field.Name, strings.ToUpper(field.Name))
	}
	return more
}

// detail is what the help of a kind says below its purpose.
func (f *form) detail() string {
	text := "For example:\n\n    " + f.example()
	if len(f.onlyInBody) > 0 {
		text += "\n\nOnly in the body (--body FILE): " + strings.Join(f.onlyInBody, ", ") + "."
	}
	return text
}

// example is a call with what is required.
func (f *form) example() string {
	words := []string{"enqueue", f.kind.Name, "--id", "cmd-1"}
	if f.kind.Class == domain.Business {
		words = append(words, "--actor", "ada@northwind.example")
	}
	for _, g := range f.flags {
		if g.field.Optional || g.field.Default != "" || g.sort == boolFlag {
			continue
		}
		name := g.name
		if g.singular != "" {
			name = g.singular
		}
		words = append(words, "--"+name, quoteWord(g.sample()))
	}
	if len(f.onlyInBody) > 0 {
		words = append(words, "--body", "body.json")
	}
	return wrapped(words)
}

// wrapped is a call on lines that fit a narrow terminal, as a shell takes it.
func wrapped(words []string) string {
	const widest = 70 // what is more would be cut or broken by the help
	var text strings.Builder
	column := 0
	for i, w := range words {
		if startsFlag := strings.HasPrefix(w, "--"); i > 0 && startsFlag && column+len(w)+len(following(words, i)) > widest {
			text.WriteString(" \\\n        ")
			column = 4
		} else if i > 0 {
			text.WriteByte(' ')
		}
		text.WriteString(w)
		column += 1 + len(w)
	}
	return text.String()
}

// following is the value of the flag at i.
func following(words []string, i int) string {
	if i+1 < len(words) {
		return words[i+1]
	}
	return ""
}

func quoteWord(s string) string {
	if strings.ContainsAny(s, " ") {
		return "'" + s + "'"
	}
	return s
}

// samples are values for the example, by the type of the field. Other types name
// one in their complaint.
var samples = map[reflect.Type]string{
	reflect.TypeFor[domain.AccountID]():  "northwind",
	reflect.TypeFor[domain.ContractID](): "C-1",
	reflect.TypeFor[domain.ProductID]():  "pro",
	reflect.TypeFor[domain.UserID]():     "ada@northwind.example",
	reflect.TypeFor[domain.Email]():      "office@northwind.example",
	reflect.TypeFor[domain.LotID]():      "po-1~1",
	reflect.TypeFor[domain.LicenseID]():  "po-1~1",
	reflect.TypeFor[domain.Country]():    "DE",
	reflect.TypeFor[domain.Currency]():   "EUR",
	reflect.TypeFor[domain.Rate]():       "19",
}

var likeThis = regexp.MustCompile(`like "?([^ "]+)`)

func (g flag) sample() string {
	t := g.field.Type
	if t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if g.sort == itemFlag {
		return "pro=10"
	}
	if t == reflect.TypeFor[domain.AccountID]() && g.name == "to" {
		return "acme"
	}
	if sample, ok := samples[t]; ok {
		return sample
	}
	if w, ok := reflect.Zero(t).Interface().(worded); ok {
		return w.Words()[0]
	}
	if like := likeThis.FindStringSubmatch(jobs.Complaint(t)); like != nil {
		return like[1]
	}
	switch {
	case t.Kind() == reflect.Int64:
		return "10"
	case strings.HasSuffix(t.Name(), "ID"):
		return g.name + "-1"
	}
	return "Some " + strings.ReplaceAll(g.path[len(g.path)-1], "_", " ")
}
