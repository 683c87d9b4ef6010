package jobs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/licenseledger/licenseledger/domain"
)

// The schemas say to other tools what decode.go checks: they are made of the
// same structs, types and rules. Two things are left to decode.go: what no
// schema can say, and messages that help.

const schemaDialect = "https://json-schema.org/draft/2020-12/schema"

// Schema is the JSON Schema of a kind's commands.
func (k Kind) Schema() []byte {
	d := definitions{}
	whole := object{{"$schema", schemaDialect}, {"title", k.Name}}
	return encodeSchema(append(append(whole, d.command(k)...), d.member()))
}

// CommandSchema is the JSON Schema of commands of any kind.
func CommandSchema() []byte {
	d := definitions{}
	var kinds []any
	for _, k := range Kinds {
		d[k.Name] = d.command(k)
		kinds = append(kinds, ref(k.Name))
	}
	return encodeSchema(object{
		{"$schema", schemaDialect},
		{"title", "command"},
		{"type", "object"},
		{"properties", object{{"kind", object{{"enum", KindNames()}}}}},
		{"required", []string{"kind"}},
		{"oneOf", kinds},
		d.member(),
	})
}

// object is a JSON object that keeps the order of its members.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, m := range o {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(strconv.Quote(m.name) + ":")
		b.Write(encode(m.value))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// definitions are the schemas that others refer to by name: kinds, and types of fields.
type definitions map[string]any

func (d definitions) member() member { return member{"$defs", d} }

func ref(name string) object { return object{{"$ref", "#/$defs/" + name}} }

// command describes a command of a kind with its envelope.
func (d definitions) command(k Kind) object {
	actor, behalf := optional(d.of(reflect.TypeFor[domain.UserID]()), true), object{{"enum", []any{nil, ""}}}
	required := []string{"id", "kind", "body"}
	if k.Class == domain.Business {
		actor, behalf = d.of(reflect.TypeFor[domain.UserID]()), optional(d.of(reflect.TypeFor[domain.AccountID]()), true)
		required = []string{"id", "kind", "actor", "body"}
	}
	d["ID"] = domain.AccountID("").Schema() // upstream's ids have one alphabet
	return object{
		{"description", strings.ToUpper(k.Purpose[:1]) + k.Purpose[1:] + "."},
		{"type", "object"},
		{"properties", object{
			{"id", ref("ID")},
			{"kind", object{{"const", k.Name}}},
			{"source", append(optional(ref("ID"), true), member{"default", domain.DefaultSource})},
			{"actor", actor},
			{"on_behalf_of", behalf},
			{"preview", optional(d.of(reflect.TypeFor[domain.Name]()), true)},
			{"body", d.object(k.body)},
		}},
		{"required", required},
		{"additionalProperties", false},
	}
}

// of describes the values of a type, by reference where the type has a name of ours.
func (d definitions) of(t reflect.Type) object {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch s := reflect.Zero(t).Interface().(type) {
	case interface{ Schema() domain.Schema }:
		return d.refer(t, s.Schema())
	case worded:
		return d.refer(t, object{{"enum", s.Words()}})
	case time.Time:
		return instantSchema
	}
	switch t.Kind() {
	case reflect.Slice:
		return object{{"type", "array"}, {"items", d.of(t.Elem())}}
	case reflect.Bool:
		return object{{"type", "boolean"}}
	case reflect.Struct:
		return d.refer(t, d.object(t))
	}
	panic(fmt.Sprintf("a command cannot have a field of type %s", t))
}

func (d definitions) refer(t reflect.Type, schema any) object {
	d[t.Name()] = schema
	return ref(t.Name())
}

var instantSchema = object{{"type", "string"}, {"format", "date-time"}, {"pattern", instant.String()}}

// object describes a struct.
func (d definitions) object(t reflect.Type) object {
	var properties object
	required := []string{}
	for _, f := range fieldsOf(t) {
		schema := d.of(f.Type)
		if f.Optional || f.Default != "" {
			schema = optional(schema, f.Type.Kind() == reflect.String)
		} else {
			required = append(required, f.Name)
		}
		if f.Default != "" {
			schema = append(schema, member{"default", f.defaultJSON()})
		}
		properties = append(properties, member{f.Name, schema})
	}
	whole := object{{"type", "object"}, {"properties", properties}, {"required", required}, {"additionalProperties", false}}
	if r, ok := reflect.Zero(t).Interface().(ruled); ok {
		var rules []any
		for _, rule := range r.FieldRules() {
			rules = append(rules, ruleSchema(t, rule))
		}
		whole = append(whole, member{"allOf", rules})
	}
	return whole
}

// optional adds the values that mean the same as no field; see Field.absent.
func optional(schema object, text bool) object {
	if text {
		return object{{"anyOf", []any{schema, object{{"enum", []any{nil, ""}}}}}}
	}
	return object{{"anyOf", []any{schema, object{{"type", "null"}}}}}
}

// ruleSchema describes a rule between fields; see brokenBy.
func ruleSchema(t reflect.Type, rule domain.FieldRule) object {
	given := func(name string, schema object) object {
		return object{{"properties", object{{name, schema}}}}
	}
	var then object
	switch {
	case rule.Needs != "" && memberOf(reflect.Zero(t), rule.Needs).Kind() == reflect.Slice:
		then = given(rule.Needs, object{{"type", "array"}, {"minItems", 1}})
	case rule.Needs != "":
		then = append(given(rule.Needs, object{{"not", object{{"enum", []any{nil, ""}}}}}), member{"required", []string{rule.Needs}})
	default:
		then = given(rule.Refuses, object{{"enum", []any{nil, "", false}}})
	}
	if rule.If == "" {
		return then
	}
	return object{
		{"if", append(given(rule.If, object{{"const", rule.Is}}), member{"required", []string{rule.If}})},
		{"then", then},
	}
}

// encodeSchema writes a schema for readers, without characters that cannot be seen.
func encodeSchema(schema object) []byte {
	var text, ascii bytes.Buffer
	layOut(&text, encode(schema), "\n")
	for _, r := range text.String() {
		if r < utf8.RuneSelf {
			ascii.WriteRune(r)
		} else {
			fmt.Fprintf(&ascii, `\u%04x`, r) // patterns have none beyond the basic plane
		}
	}
	ascii.WriteByte('\n')
	return ascii.Bytes()
}

// layOut writes on one line what fits there.
func layOut(b *bytes.Buffer, value json.RawMessage, newline string) {
	const width = 120
	if len(newline)+len(value) <= width || value[0] == '"' {
		b.Write(value)
		return
	}
	decoder := json.NewDecoder(bytes.NewReader(value))
	b.WriteByte(value[0])
	_, _ = decoder.Token() // the value is what encode wrote
	for i := 0; decoder.More(); i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(newline + "  ")
		if value[0] == '{' {
			name, _ := decoder.Token()
			b.WriteString(strconv.Quote(name.(string)) + ": ")
		}
		var inner json.RawMessage
		_ = decoder.Decode(&inner)
		layOut(b, inner, newline+"  ")
	}
	b.WriteString(newline)
	b.WriteByte(value[len(value)-1])
}
