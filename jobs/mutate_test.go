package jobs_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// tree is JSON as any program reads it, with numbers as they are written.
type tree struct{ value any }

func parseTree(t rapid.TB, line string) tree {
	decoder := json.NewDecoder(strings.NewReader(line))
	decoder.UseNumber()
	var parsed tree
	if err := decoder.Decode(&parsed.value); err != nil {
		t.Fatal(err)
	}
	return parsed
}

func encoded(t rapid.TB, value any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// at is the value where a path leads, nil if nowhere.
func (c tree) at(path ...string) any {
	v := c.value
	for _, name := range path {
		members, _ := v.(map[string]any)
		v = members[name]
	}
	return v
}

func (c tree) text(path ...string) string {
	s, _ := c.at(path...).(string)
	return s
}

// same tells whether two fields of the body have the same text.
func (c tree) same(field, other string) bool {
	return c.text("body", field) == c.text("body", other)
}

// anyNumber tells whether a number is written in a certain way.
func (c tree) anyNumber(is func(string) bool) bool {
	switch v := c.value.(type) {
	case json.Number:
		return is(v.String())
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), func(inner any) bool { return tree{inner}.anyNumber(is) })
	case []any:
		return slices.ContainsFunc(v, func(inner any) bool { return tree{inner}.anyNumber(is) })
	}
	return false
}

// slot is a place in a tree: a member of an object or an element of a list.
type slot struct {
	members map[string]any
	name    string
	list    []any
	index   int
}

func (s slot) put(v any) {
	if s.members != nil {
		s.members[s.name] = v
	} else {
		s.list[s.index] = v
	}
}

func (s slot) get() any {
	if s.members != nil {
		return s.members[s.name]
	}
	return s.list[s.index]
}

// slots are all places below a value, in the same order each time.
func slots(v any) []slot {
	var found []slot
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			found = append(append(found, slot{members: v, name: name}), slots(v[name])...)
		}
	case []any:
		for i := range v {
			found = append(append(found, slot{list: v, index: i}), slots(v[i])...)
		}
	}
	return found
}

// mutate changes one place: takes it away, puts another value there, or one that
// stands elsewhere in the command.
func mutate(t *rapid.T, command tree) {
	places := slots(command.value)
	place := rapid.SampledFrom(places).Draw(t, "place")
	switch rapid.SampledFrom([]string{"remove", "replace", "replace", "replace", "copy", "extend"}).Draw(t, "mutation") {
	case "remove":
		if place.members != nil {
			delete(place.members, place.name)
		}
	case "replace":
		place.put(rapid.OneOf(likely(place.get()), rapid.SampledFrom(oddValues)).Draw(t, "value"))
	case "copy":
		other := encoded(t, rapid.SampledFrom(places).Draw(t, "other").get())
		place.put(parseTree(t, string(other)).value)
	case "extend":
		switch v := place.get().(type) {
		case map[string]any:
			v[rapid.SampledFrom(fieldNames).Draw(t, "field")] = rapid.SampledFrom(oddValues).Draw(t, "value")
		case []any:
			place.put(append(slices.Clone(v), rapid.SampledFrom(append(oddValues, v...)).Draw(t, "element")))
		}
	}
}

// fieldNames are fields of some kind, and some of none.
var fieldNames = []string{"note", "purchase_order", "cap", "seats", "coterm_with", "fulfil", "trial", "package", "parent", "purchase_link", "initial_order", "Note", "extra", ""}

// likely are values of the sort that is there.
func likely(v any) *rapid.Generator[any] {
	switch v.(type) {
	case json.Number:
		return rapid.SampledFrom(oddNumbers)
	case string:
		return rapid.SampledFrom(oddTexts)
	}
	return rapid.SampledFrom(oddValues)
}

func anys[T any](values ...T) []any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}

var (
	oddNumbers = anys[json.Number]("0", "-0", "0.0", "1", "-1", "1.0", "1e2", "10", "12.5", "12.1234567", "100", "100.01", "119", "120", "121", "3650", "3651",
		"1000000", "1000001", "-1000000", "-1000001", "999999999999", "1000000000000", "9223372036854775808", "1e400")
	oddTexts = slices.Concat(
		anys("", " ", "x", "null", "1", "a~1", "a b", "ä", "x\n", "\tx", "x\x00", "\u0085", "\u00a0\u3000", "\ufeff", "x\u009f", "\U0001F600", "<&>\u2028"),
		anys(strings.Repeat("i", 128), strings.Repeat("i", 129), strings.Repeat("i", 280), strings.Repeat("i", 281),
			strings.Repeat("ü", 200), strings.Repeat("ü", 201), strings.Repeat("\U0001F600", 2000), strings.Repeat("\U0001F600", 2001)),
		anys("a@b", "a@b.example", "a.@b.example", ".a@b.example", "a@b.", "a@-b", "a@b@c", strings.Repeat("a", 242)+"@b.example", strings.Repeat("a", 245)+"@b.example",
			strings.Repeat("a", 118)+"@b.example"),
		anys("DE", "de", "EUR", "eur", "BHD", "XXX", "EUR ", "Europe/Berlin", "Local", "UTC", "en", "de-AT", "en-", strings.Repeat("de-abcdefgh", 3), "en-abcdefgh-abcdefgh-abcdefgh-abcdefgh"),
		anys("reseller", "customer", "active", "closed", "suspended", "ended", "left", "renew", "end", "new", "stock", "flexible", "annual_monthly", "term", "manager", "S", "AE", "Active"),
		anys("2026-02-28", "2026-02-29", "2024-02-29", "2026-2-1", "0000-12-31", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2026-13-01", "2026-11", "0000-01", "2026-00"),
		anys("2026-11-30T12:00:00Z", "2026-11-30t12:00:00z", "2026-11-30T12:00:00", "2026-11-30T12:00:60Z", "2026-12-31T23:59:60Z", "2026-11-30T24:00:00Z", "2026-11-30T2:00:00Z", "2026-11-30T12:00:00,5Z",
			"2026-11-30T12:00:00.123456789012Z", "2026-11-30T12:00:00+01:00", "2026-11-30T12:00:00+24:00", "2026-11-30T12:00:00+00:60", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00+23:59", "9998-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "2026-02-30T12:00:00Z"),
		anys("0", "00", "-0", "0.00", "-0.00", "1.", ".5", "12.50", "-12.50", "12.500000", "12.5000001", "100", "100.0", "100.000001", "000000000100", "0000000000100", "000000000099.999999", "99.999999", "123456789012", "1234567890123", "1e1", "+1", "-0.001", "0.01"),
	)
	oddValues = slices.Concat(oddNumbers, oddTexts, anys[any](nil, nil, nil, true, false, []any{}, []any{nil}, []any{"manager"}, map[string]any{}, map[string]any{"product": "pro", "quantity": json.Number("1")}))
)
