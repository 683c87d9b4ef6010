package events

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"

	"github.com/licenseledger/licenseledger/domain"
)

// Field is a member of data.
type Field struct {
	Name     string
	Type     reflect.Type
	Optional bool // left out where there is none
}

// Fields lists the members of an event's data in their order.
func (t Type) Fields() []Field { return fieldsOf(t.data) }

// fieldsOf lists the members of an object; those of an embedded struct are its own.
func fieldsOf(t reflect.Type) (fields []Field) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			fields = append(fields, fieldsOf(f.Type)...)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields = append(fields, Field{Name: name, Type: f.Type, Optional: options == "omitempty"})
	}
	return fields
}

type object = map[string]any

// Schema is the JSON Schema of events of any type. More fields may come with
// time; those that are named stay.
func Schema() []byte {
	data := []object{}
	for _, t := range Types {
		data = append(data, object{
			"if":   object{"properties": object{"type": object{"const": t.Name}}},
			"then": object{"properties": object{"data": schemaOf(t.data)}},
		})
	}
	schema := schemaOfEvents(object{"enum": TypeNames()}, object{"type": "object"})
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "event"
	schema["description"] = "An event as CloudEvents 1.0 in the structured JSON format."
	schema["allOf"] = data
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(schema); err != nil {
		panic(err) // it is made of maps and strings
	}
	return b.Bytes()
}

// Schema is that of events of this type alone, for a document that names it.
func (t Type) Schema() map[string]any {
	data := schemaOf(t.data)
	properties := data["properties"].(object)
	if command, ok := properties["command"].(object); ok {
		command["description"] = "The command that caused it: its id, or source~id if its source is not default. Begins with ~~ if it happened by itself. Match on this."
	}
	schema := schemaOfEvents(object{"type": "string", "const": t.Name}, data)
	schema["properties"].(object)["subject"] = object{"type": "string", "description": "data." + t.Subject}
	schema["description"] = t.Purpose
	return schema
}

func schemaOfEvents(name, data object) object {
	return object{
		"type":     "object",
		"required": []string{"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data"},
		"properties": object{
			"specversion":     object{"const": "1.0"},
			"id":              object{"type": "string", "pattern": "^[0-9]+-[0-9]+$"},
			"source":          object{"type": "string", "format": "uri"},
			"type":            name,
			"subject":         object{"type": "string"},
			"time":            object{"type": "string", "format": "date-time"},
			"datacontenttype": object{"const": "application/json"},
			"data":            data,
		},
	}
}

func schemaOf(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[domain.Date]():
		return object{"type": []string{"string", "null"}, "format": "date"}
	case reflect.TypeFor[domain.Period]():
		return object(domain.Period(0).Schema())
	}
	switch t.Kind() {
	case reflect.Pointer:
		return object{"type": []any{schemaOf(t.Elem())["type"], "null"}}
	case reflect.Slice:
		return object{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Struct:
		properties, required := object{}, []string{}
		for _, f := range fieldsOf(t) {
			properties[f.Name] = schemaOf(f.Type)
			if !f.Optional {
				required = append(required, f.Name)
			}
		}
		return object{"type": "object", "properties": properties, "required": required}
	}
	return object{"type": "string"}
}
