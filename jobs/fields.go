package jobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/licenseledger/licenseledger/domain"
)

// Field is a field of a command's body, as its struct declares it.
type Field struct {
	Name     string
	Type     reflect.Type
	Optional bool
	Default  string
	index    int
}

// Fields lists the fields of a kind's body in the order of its struct.
func (k Kind) Fields() []Field { return fieldsOf(k.body) }

// Fields lists the fields of an object, or of the objects in a list.
func (f Field) Fields() []Field {
	t := f.Type
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if _, leaf := reflect.New(t).Interface().(json.Unmarshaler); leaf || t.Kind() != reflect.Struct {
		return nil
	}
	return fieldsOf(t)
}

// knownFields keeps what fieldsOf has found: every command asks for it.
var knownFields sync.Map

func fieldsOf(t reflect.Type) []Field {
	if known, found := knownFields.Load(t); found {
		return known.([]Field)
	}
	var fields []Field
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		fields = append(fields, Field{
			Name: name, Type: t.Field(i).Type, Optional: options == "omitempty", Default: t.Field(i).Tag.Get("default"), index: i,
		})
	}
	knownFields.Store(t, fields)
	return fields
}

// Problem is something wrong with one field of a command.
type Problem struct {
	Field string
	What  string

	unknown bool // kind or field: a newer version may know it
}

func (p Problem) String() string { return p.Field + ": " + p.What }

// Problems is everything that is wrong with a command.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// mostProblems are listed of one command. Half a million fit into a megabyte.
const mostProblems = 100

func (ps *Problems) add(field, format string, args ...any) {
	switch {
	case len(*ps) < mostProblems:
		*ps = append(*ps, Problem{Field: field, What: fmt.Sprintf(format, args...)})
	case !ps.full():
		*ps = append(*ps, Problem{Field: "line", What: "has more wrong with it than is listed here"})
	}
}

func (ps *Problems) full() bool { return len(*ps) > mostProblems }

// Types of fields say themselves what is wrong with a value; structs, what is
// wrong between their fields.
type (
	checker    interface{ Check() string }
	worded     interface{ Words() []string }
	crossCheck interface {
		CheckFields(wrong func(field, what string))
	}
	ruled       interface{ FieldRules() []domain.FieldRule }
	canonicaler interface{ Canonical() any }
)

// decode reads a JSON value into v strictly and notes all that is wrong with it.
func (ps *Problems) decode(field string, raw json.RawMessage, v reflect.Value) {
	before := len(*ps)
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	ps.decodeValue(field, raw, v)
	ps.cross(field, v, (*ps)[before:])
	if len(*ps) > before {
		return
	}
	if c, ok := v.Interface().(checker); ok {
		if wrong := c.Check(); wrong != "" {
			ps.add(field, "%s", wrong)
		}
	}
	if w, ok := v.Interface().(worded); ok && !slices.Contains(w.Words(), v.String()) {
		ps.add(field, "%q is not one of %s", shorten(v.String()), strings.Join(w.Words(), ", "))
	}
}

// cross notes what is wrong between fields, as far as they are not wrong already.
func (ps *Problems) cross(field string, v reflect.Value, already Problems) {
	wrong := func(name, what string) {
		name = join(field, name)
		if !slices.ContainsFunc(already, func(p Problem) bool { return p.Field == name }) {
			ps.add(name, "%s", what)
		}
	}
	if r, ok := v.Interface().(ruled); ok {
		for _, rule := range r.FieldRules() {
			if name := brokenBy(v, rule); name != "" {
				wrong(name, rule.What)
			}
		}
	}
	if c, ok := v.Interface().(crossCheck); ok {
		c.CheckFields(wrong)
	}
}

// brokenBy names the field that breaks a rule, if one does.
func brokenBy(v reflect.Value, rule domain.FieldRule) string {
	if rule.If != "" && memberOf(v, rule.If).String() != rule.Is {
		return ""
	}
	if rule.Needs != "" {
		if needed := memberOf(v, rule.Needs); needed.IsZero() || needed.Kind() == reflect.Slice && needed.Len() == 0 {
			return rule.Needs
		}
	}
	if rule.Refuses != "" && !memberOf(v, rule.Refuses).IsZero() {
		return rule.Refuses
	}
	return ""
}

func memberOf(v reflect.Value, name string) reflect.Value {
	for _, f := range fieldsOf(v.Type()) {
		if f.Name == name {
			return v.Field(f.index)
		}
	}
	panic(fmt.Sprintf("%s has no field %s", v.Type(), name))
}

func (ps *Problems) decodeValue(field string, raw json.RawMessage, v reflect.Value) {
	switch target := v.Addr().Interface().(type) {
	case *time.Time:
		ps.decodeInstant(field, raw, target)
		return
	case json.Unmarshaler:
		if err := target.UnmarshalJSON(raw); err != nil {
			ps.add(field, "%s", err)
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		ps.decodeObject(field, raw, v)
	case reflect.Slice:
		ps.decodeList(field, raw, v)
	case reflect.Int64:
		ps.decodeInteger(field, raw, v)
	case reflect.String:
		text, ok := stringIn(raw)
		switch {
		case !ok:
			ps.add(field, "must be a string, not %s", describe(raw))
		case strings.ContainsRune(text, utf8.RuneError) && halfPair(raw):
			ps.add(field, `has half of a surrogate pair (\ud800 to \udfff), which is no character`)
		}
		v.SetString(text)
	case reflect.Bool:
		if json.Unmarshal(raw, v.Addr().Interface()) != nil {
			ps.add(field, "must be true or false, not %s", describe(raw))
		}
	default:
		panic(fmt.Sprintf("a command cannot have a field of type %s", v.Type()))
	}
}

func (ps *Problems) decodeInteger(field string, raw json.RawMessage, v reflect.Value) {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		ps.add(field, "%s is out of range", describe(raw))
	case err != nil:
		ps.add(field, "must be a whole number, not %s", describe(raw))
	}
	v.SetInt(n)
}

// instant is RFC 3339 as it is written between 1970 and 9998; time.Parse lets
// through more than that.
var instant = regexp.MustCompile(`^(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-[0-9]{2}-[0-9]{2}` +
	`T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`)

func (ps *Problems) decodeInstant(field string, raw json.RawMessage, target *time.Time) {
	var s string
	if json.Unmarshal(raw, &s) == nil && instant.MatchString(s) {
		if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
			*target = at.UTC()
			return
		}
	}
	ps.add(field, "must be an instant like \"2026-11-30T12:00:00Z\", not %s", describe(raw))
}

func (ps *Problems) decodeList(field string, raw json.RawMessage, v reflect.Value) {
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil {
		ps.add(field, "must be a list, not %s", describe(raw))
		return
	}
	list := reflect.MakeSlice(v.Type(), len(elements), len(elements))
	for i, element := range elements {
		if ps.full() {
			return
		}
		ps.decode(fmt.Sprintf("%s[%d]", field, i), element, list.Index(i))
	}
	v.Set(list)
}

func (ps *Problems) decodeObject(field string, raw json.RawMessage, v reflect.Value) {
	members := ps.members(field, raw)
	if members == nil {
		return
	}
	known, fields := 0, fieldsOf(v.Type())
	for _, f := range fields {
		value, given := members[f.Name]
		if given {
			known++
		}
		if given && !f.absent(value) {
			ps.decode(join(field, f.Name), value, v.Field(f.index))
			continue
		}
		switch {
		case f.Default != "":
			ps.decode(f.Name, f.defaultJSON(), v.Field(f.index))
		case !f.Optional:
			ps.add(join(field, f.Name), "is required")
		}
	}
	if known < len(members) {
		var names []string
		for _, f := range fields {
			names = append(names, f.Name)
		}
		ps.unknownFields(members, field, "here", slices.Sorted(slices.Values(names)))
	}
}

// unknownFields notes the members of an object that have no place in it.
func (ps *Problems) unknownFields(members map[string]json.RawMessage, field, place string, known []string) {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if ps.full() {
			return
		}
		if !slices.Contains(known, name) {
			what := fmt.Sprintf("is not a field %s%s", place, didYouMean(name, known))
			*ps = append(*ps, Problem{Field: join(field, shorten(name)), What: what, unknown: true})
		}
	}
}

// absent: null means the same as no field, and an empty text that may be left out is left out.
func (f Field) absent(value json.RawMessage) bool {
	return string(value) == "null" || f.Optional && f.Type.Kind() == reflect.String && string(value) == `""`
}

func (f Field) defaultJSON() json.RawMessage {
	if f.Type.Kind() == reflect.String {
		return json.RawMessage(strconv.Quote(f.Default))
	}
	return json.RawMessage(f.Default)
}

// members splits an object; nil if it is none. A key that comes twice is wrong:
// whoever wrote it meant one of the two.
func (ps *Problems) members(field string, raw json.RawMessage) map[string]json.RawMessage {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '{' {
		ps.add(orLine(field), "must be an object, not %s", describe(raw))
		return nil
	}
	members := map[string]json.RawMessage{}
	for name, value := range splitObject(raw) {
		if _, twice := members[name]; twice {
			ps.add(join(field, shorten(name)), "is given twice")
		}
		members[name] = value
	}
	return members
}

// canonical is a value as the journal keeps it: sorted keys, nothing that equals
// its default, so that a field added later changes no older command. normalised
// makes equal what is equal after decoding.
func canonical(v reflect.Value, normalised bool) any {
	if c, ok := v.Interface().(canonicaler); ok && normalised && v.Kind() != reflect.Pointer {
		return c.Canonical()
	}
	if _, ok := v.Interface().(json.Marshaler); ok && v.Kind() != reflect.Pointer {
		return v.Interface()
	}
	switch v.Kind() {
	case reflect.Pointer:
		return canonical(v.Elem(), normalised)
	case reflect.Slice:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = canonical(v.Index(i), normalised)
		}
		return list
	case reflect.Struct:
		members := map[string]any{}
		for _, f := range fieldsOf(v.Type()) {
			required := !f.Optional && f.Default == "" // also an empty list; hashes have never had those
			if !f.isDefault(v.Field(f.index)) || required && !normalised {
				members[f.Name] = canonical(v.Field(f.index), normalised)
			}
		}
		return members
	}
	return v.Interface()
}

func (f Field) isDefault(v reflect.Value) bool {
	switch {
	case f.Default != "":
		return fmt.Sprint(v.Interface()) == f.Default
	case v.Kind() == reflect.Slice:
		return v.Len() == 0
	}
	return f.Optional && v.IsZero()
}

func join(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}

func orLine(field string) string {
	if field == "" {
		return "line"
	}
	return field
}

func describe(raw json.RawMessage) string { return shorten(string(bytes.TrimSpace(raw))) }

// shorten keeps messages readable: bad input can be a megabyte.
func shorten(s string) string {
	const limit = 60
	if len(s) > limit {
		s = s[:limit] + "…"
	}
	return strings.ToValidUTF8(strings.Map(printable, s), "?")
}

func printable(r rune) rune {
	if strconv.IsPrint(r) {
		return r
	}
	return '?'
}
