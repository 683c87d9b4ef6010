package domain_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/licenseledger/licenseledger/jobs"
)

// fields are a body as a script writes it.
type fields map[string]string

// with adds what is not given.
func (f fields) with(defaults fields) fields {
	all := maps.Clone(defaults)
	if all == nil {
		all = fields{}
	}
	maps.Copy(all, f)
	return all
}

// boring fields are filled in, because no rule looks at them.
func boring(kind string) fields {
	const address = `{"line1":"1 Quay","city":"Town","postal_code":"1","country":"IE"}`
	return map[string]fields{
		"seller.put":   {"name": "Seller", "address": address, "email": "hello@seller.example", "finance_email": "finance@seller.example", "invoice_prefix": "S-"},
		"product.put":  {"name": "Product"},
		"account.put":  {"name": "Account", "address": address},
		"user.put":     {"name": "User"},
		"contract.put": {"finance_emails": "pay@one.example", "create_permission": ""},
		"learner.put":  {"name": "Learner"},
	}[kind]
}

func shortID(n int) string { return fmt.Sprintf("n%d", n) }

// split cuts a line into words; "…" keeps spaces.
func split(line string) []string {
	var words []string
	var word strings.Builder
	quoted, braces := false, 0
	for _, r := range line + " " {
		switch {
		case r == '{' || r == '[':
			braces++
		case r == '}' || r == ']':
			braces--
		}
		switch {
		case r == '"' && braces == 0:
			quoted = !quoted
		case r == ' ' && !quoted && braces == 0:
			if word.Len() > 0 {
				words = append(words, word.String())
			}
			word.Reset()
		default:
			word.WriteRune(r)
		}
	}
	return words
}

func (f fields) json(known []jobs.Field) []byte {
	types := map[string]reflect.Type{}
	for _, field := range known {
		types[field.Name] = field.Type
	}
	body := map[string]any{}
	for name, text := range f {
		body[name] = valueOf(types[name], text)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return raw
}

// valueOf reads a value by its field's type. What does not fit stays a text, so
// that a script can be wrong on purpose. A list has commas; an object has its
// fields in order, or by name, with colons between: pro:10 or pro:term=120.00.
func valueOf(t reflect.Type, text string) any {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == nil || strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") || text == "null":
		if json.Valid([]byte(text)) {
			return json.RawMessage(text)
		}
		return text
	case reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()):
		return text
	case t.Kind() == reflect.Slice:
		list := []any{}
		for _, element := range strings.Split(text, ",") {
			if element != "" {
				list = append(list, valueOf(t.Elem(), element))
			}
		}
		return list
	case t.Kind() == reflect.Struct:
		return objectOf(t, text)
	case t.Kind() == reflect.Int64 || t.Kind() == reflect.Bool:
		if json.Valid([]byte(text)) {
			return json.RawMessage(text)
		}
	}
	return text
}

func objectOf(t reflect.Type, text string) map[string]any {
	object := map[string]any{}
	for i, part := range strings.Split(text, ":") {
		name, value, named := strings.Cut(part, "=")
		if !named {
			name, value = jsonName(t, i), part
		}
		if field, ok := fieldNamed(t, name); ok {
			object[name] = valueOf(field, value)
			continue
		}
		for j := range t.NumField() { // a field of an object within
			if field, ok := fieldNamed(t.Field(j).Type, name); ok {
				inner, _ := object[jsonName(t, j)].(map[string]any)
				if inner == nil {
					inner = map[string]any{}
				}
				inner[name] = valueOf(field, value)
				object[jsonName(t, j)] = inner
			}
		}
	}
	return object
}

func jsonName(t reflect.Type, i int) string {
	name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
	return name
}

func fieldNamed(t reflect.Type, name string) (reflect.Type, bool) {
	if t.Kind() != reflect.Struct {
		return nil, false
	}
	for i := range t.NumField() {
		if t.Field(i).IsExported() && jsonName(t, i) == name {
			return t.Field(i).Type, true
		}
	}
	return nil, false
}
