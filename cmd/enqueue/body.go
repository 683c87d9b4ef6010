package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strings"

	"github.com/licenseledger/licenseledger/jobs"
)

// member is a field of a JSON object; objects keep their order, and what they
// hold twice, so that the check of a command sees all that was written.
type member struct {
	name  string
	value json.RawMessage
}

type object []member

func parseObject(raw []byte) (object, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	start, err := decoder.Token()
	if err == nil && start != json.Delim('{') {
		return nil, invalidf("must be an object")
	}
	o := object{}
	for err == nil && decoder.More() {
		var name json.Token
		var value json.RawMessage
		if name, err = decoder.Token(); err == nil {
			err = decoder.Decode(&value)
			o = append(o, member{name.(string), value})
		}
	}
	if err == nil {
		_, err = decoder.Token()
	}
	if err == nil && len(bytes.TrimSpace(raw[decoder.InputOffset():])) > 0 {
		return nil, invalidf("goes on after its end")
	}
	if err != nil {
		return nil, invalidf("is not valid JSON: %w", err)
	}
	return o, nil
}

func (o object) raw() json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(jsonText(m.name))
		b.WriteByte(':')
		b.Write(m.value)
	}
	b.WriteByte('}')
	return b.Bytes()
}

// set puts a value where the path leads, in place of what is there.
func (o object) set(path []string, value json.RawMessage) object {
	name, rest := path[0], path[1:]
	kept := object{}
	var inner object
	for _, m := range o {
		if m.name != name {
			kept = append(kept, m)
		} else if len(rest) > 0 {
			inner, _ = parseObject(m.value) // what is no object is replaced
		}
	}
	if len(rest) > 0 {
		value = inner.set(rest, value).raw()
	}
	return append(kept, member{name, value})
}

func jsonText(s string) json.RawMessage {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a string can always be written
	return bytes.TrimSpace(b.Bytes())
}

// rawOrText is for numbers: what is no JSON becomes a string, so that the check
// of the command can say what is wrong with it.
func rawOrText(s string) json.RawMessage {
	if json.Valid([]byte(s)) {
		return json.RawMessage(s)
	}
	return jsonText(s)
}

// value is what a flag says, as JSON.
func (g flag) value(given any) json.RawMessage {
	switch given := given.(type) {
	case bool:
		return rawOrText(map[bool]string{true: "true", false: "false"}[given])
	case []string:
		if len(given) == 1 && given[0] == "" { // --roles= is how to give none
			return json.RawMessage("[]")
		}
		elements := make([][]byte, len(given))
		for i, s := range given {
			elements[i] = g.element(s)
		}
		return append(append(json.RawMessage("["), bytes.Join(elements, []byte(","))...), ']')
	case string:
		if g.sort == textFlag {
			return jsonText(given)
		}
		return rawOrText(given)
	}
	return json.RawMessage("null")
}

func (g flag) element(s string) json.RawMessage {
	if g.sort == itemFlag {
		return g.item(s)
	}
	if sortOf(g.field.Type.Elem()) == rawFlag {
		return rawOrText(s)
	}
	return jsonText(s)
}

// item reads PRODUCT=QUANTITY[,name=value]…
func (g flag) item(s string) json.RawMessage {
	fields := g.field.Fields()
	pieces := strings.Split(s, ",")
	product, quantity, counted := strings.Cut(pieces[0], "=")
	item := object{{fields[0].Name, jsonText(product)}}
	if counted {
		item = append(item, member{fields[1].Name, rawOrText(quantity)})
	}
	for _, piece := range pieces[1:] {
		name, value, _ := strings.Cut(piece, "=")
		given := jsonText(value)
		for _, field := range fields {
			if field.Name == name && sortOf(field.Type) == rawFlag {
				given = rawOrText(value)
			}
		}
		item = append(item, member{name, given})
	}
	return item.raw()
}

// line is the command as upstream would write it.
func (f *form) line(in io.Reader) ([]byte, error) {
	body, err := f.body(in)
	if err != nil {
		return nil, err
	}
	for i, g := range f.flags {
		if given := f.given(i); given != nil {
			body = body.set(g.path, g.value(given))
		}
	}
	e := f.envelope()
	command := object{{"kind", jsonText(f.kind.Name)}}
	for _, given := range []struct {
		name  string
		value *string
	}{{"id", e.ID}, {"source", e.Source}, {"actor", e.Actor}, {"on_behalf_of", e.OnBehalfOf}, {"preview", e.Preview}} {
		if given.value != nil {
			command = append(command, member{given.name, jsonText(*given.value)})
		}
	}
	return append(command, member{"body", body.raw()}).raw(), nil
}

// body reads the file of --body.
func (f *form) body(in io.Reader) (object, error) {
	name := f.envelope().Body
	if name == "" {
		return object{}, nil
	}
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, invalidf("body: %w", err)
		}
		defer file.Close()
		in = file
	}
	raw, err := io.ReadAll(io.LimitReader(in, jobs.MaxCatalogCommandBytes+1))
	if err != nil {
		return nil, invalidf("body: %w", err)
	}
	if len(raw) > jobs.MaxCatalogCommandBytes {
		return nil, invalidf("body: has more than %d bytes", jobs.MaxCatalogCommandBytes)
	}
	body, err := parseObject(raw)
	if err != nil {
		return nil, invalidf("body: %w", err)
	}
	return body, nil
}
