package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

// envelopeFlags are the flags that every kind has besides those of its body.
type envelopeFlags struct {
	ID         *string       `name:"id" placeholder:"ID" help:"Id of the command, unique per source. Required."`
	Source     *string       `name:"source" placeholder:"ID" help:"Source of the command (default: default)."`
	Actor      *string       `name:"actor" placeholder:"USER" help:"User who acts."`
	OnBehalfOf *string       `name:"on-behalf-of" aliases:"on_behalf_of" placeholder:"ACCOUNT" help:"Customer for whom the actor acts (managing mode)."`
	Preview    *string       `name:"preview" placeholder:"TOKEN" help:"Token of a preview: refused if anything it relied on has changed."`
	NoWait     bool          `name:"no-wait" help:"Do not wait for the outcome."`
	Timeout    time.Duration `name:"timeout" default:"5m" placeholder:"TIME" help:"How long to wait without progress (default: 5m)."`
	Body       string        `name:"body" placeholder:"FILE" help:"Body as a JSON object, - for stdin; flags override its fields."`
}

// form is the subcommand of a kind.
type form struct {
	kind  jobs.Kind
	flags []flag
	// onlyInBody are fields that no flag can give.
	onlyInBody []string
	values     reflect.Value // a struct: envelopeFlags, then one field per flag
}

// flag gives one field of the body.
type flag struct {
	name    string
	path    []string // of the field in the body
	field   jobs.Field
	aliases []string
	// singular is what a list's flag is also called.
	singular string
	sort     flagSort
}

type flagSort int

const (
	textFlag flagSort = iota // a JSON string
	rawFlag                  // JSON if it is any, else a string
	boolFlag
	listFlag // of texts
	itemFlag // a list of PRODUCT=QUANTITY[,name=value]…
)

func newForms() map[string]*form {
	forms := make(map[string]*form, len(jobs.Kinds))
	for _, k := range jobs.Kinds {
		forms[k.Name] = newForm(k)
	}
	return forms
}

func newForm(k jobs.Kind) *form { return newFormOf(k, k.Fields()) }

func newFormOf(k jobs.Kind, body []jobs.Field) *form {
	f := &form{kind: k}
	f.add(body, nil, false)
	envelope := reflect.TypeFor[envelopeFlags]()
	fields := []reflect.StructField{{Name: "Envelope", Type: envelope, Tag: `embed:""`}}
	for i, flag := range f.flags {
		fields = append(fields, flag.structField(i))
	}
	f.values = reflect.New(reflect.StructOf(fields))
	return f
}

// add makes flags of fields; those of nested objects have the object's name in front.
func (f *form) add(fields []jobs.Field, outer []string, optional bool) {
	for _, field := range fields {
		path := append(slices.Clone(outer), field.Name)
		t := field.Type
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		field.Optional = field.Optional || optional
		switch {
		case isObject(t):
			f.add(field.Fields(), path, field.Optional)
		case t.Kind() == reflect.Slice && isObject(t.Elem()) && !isItem(field):
			f.onlyInBody = append(f.onlyInBody, strings.Join(path, "."))
		default:
			f.flags = append(f.flags, f.flag(field, t, path))
		}
	}
}

func (f *form) flag(field jobs.Field, t reflect.Type, path []string) flag {
	field.Type = t
	plain := f.flagName(path)
	made := flag{name: strings.ReplaceAll(plain, "_", "-"), path: path, field: field, sort: sortOf(t)}
	names := []string{plain}
	if made.sort == listFlag || made.sort == itemFlag {
		if singular, isPlural := strings.CutSuffix(plain, "s"); isPlural {
			made.singular = strings.ReplaceAll(singular, "_", "-")
			names = append(names, singular, made.singular)
		}
	}
	for _, name := range names {
		if name != made.name && !slices.Contains(made.aliases, name) {
			made.aliases = append(made.aliases, name)
		}
	}
	return made
}

// flagName is the name of a field's flag: id and source are taken by the command itself.
func (f *form) flagName(path []string) string {
	noun, _, _ := strings.Cut(f.kind.Name, ".")
	switch name := strings.Join(path, "_"); name {
	case "id":
		return noun
	case "source":
		return "source_account"
	default:
		return name
	}
}

func sortOf(t reflect.Type) flagSort {
	switch {
	case t.Kind() == reflect.Bool:
		return boolFlag
	case t.Kind() == reflect.Slice && isObject(t.Elem()):
		return itemFlag
	case t.Kind() == reflect.Slice:
		return listFlag
	case t.Kind() == reflect.String || isLeaf(t):
		return textFlag
	}
	return rawFlag
}

// isLeaf tells values that are written as one JSON string from objects.
func isLeaf(t reflect.Type) bool {
	type unmarshaler interface{ UnmarshalJSON([]byte) error }
	return reflect.PointerTo(t).Implements(reflect.TypeFor[unmarshaler]())
}

func isObject(t reflect.Type) bool { return t.Kind() == reflect.Struct && !isLeaf(t) }

// isItem tells lists that a flag can give: product, quantity, and more single values.
func isItem(list jobs.Field) bool {
	fields := list.Fields()
	if len(fields) < 2 || fields[0].Name != "product" || fields[1].Name != "quantity" {
		return false
	}
	for _, field := range fields {
		if sort := sortOf(field.Type); sort != textFlag && sort != rawFlag { // no lists, no objects
			return false
		}
	}
	return true
}

// command is the subcommand as kong wants it.
func (f *form) command() kong.Option {
	group := map[domain.Class]string{
		domain.Catalog: "Catalog commands:", domain.Business: "Business commands:", domain.Control: "Control commands:",
	}[f.kind.Class]
	return kong.DynamicCommand(f.kind.Name, sentence(f.kind.Purpose), group, f.values.Interface())
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

func (g flag) structField(i int) reflect.StructField {
	t := reflect.TypeFor[*string]()
	switch g.sort {
	case boolFlag:
		t = reflect.TypeFor[*bool]()
	case listFlag, itemFlag:
		t = reflect.TypeFor[[]string]()
	}
	tag := fmt.Sprintf(`name:%q help:%q placeholder:%q sep:"none"`, g.name, g.help(), g.placeholder())
	if len(g.aliases) > 0 {
		tag += fmt.Sprintf(` aliases:%q`, strings.Join(g.aliases, ","))
	}
	return reflect.StructField{Name: fmt.Sprintf("Flag%d", i), Type: t, Tag: reflect.StructTag(tag)}
}

func (f *form) envelope() *envelopeFlags {
	return f.values.Elem().Field(0).Addr().Interface().(*envelopeFlags)
}

// given returns what the command line says for a flag; nil if nothing.
func (f *form) given(i int) any {
	v := f.values.Elem().Field(i + 1)
	switch {
	case v.Kind() == reflect.Slice && v.Len() > 0:
		return v.Interface()
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return v.Elem().Interface()
	}
	return nil
}
