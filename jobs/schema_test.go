package jobs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/model/random"
	"github.com/licenseledger/licenseledger/jobs"
)

const schemaFolder = "../docs/schemas"

// TestTheSchemasAreDocumented makes docs/schemas out of the table of kinds and
// wants the files to be just that. -update rewrites them.
func TestTheSchemasAreDocumented(t *testing.T) {
	made := map[string]bool{"command.schema.json": true, "event.schema.json": true} // the latter by package webhook
	golden(t, filepath.Join(schemaFolder, "command.schema.json"), jobs.CommandSchema())
	for _, kind := range jobs.Kinds {
		name := kind.Name + ".schema.json"
		made[name] = true
		golden(t, filepath.Join(schemaFolder, name), kind.Schema())
	}
	files, err := os.ReadDir(schemaFolder)
	check(t, err)
	for _, file := range files {
		if !made[file.Name()] {
			t.Errorf("%s is the schema of nothing", file.Name())
		}
	}
}

// compiled are the schemas as a validator reads them that knows nothing of us;
// compiling checks them against the meta-schema.
func compiled(t testing.TB) map[string]*jsonschema.Schema {
	t.Helper()
	schemas := map[string]*jsonschema.Schema{}
	compile := func(name string, text []byte) {
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		check(t, err)
		compiler := jsonschema.NewCompiler()
		compiler.AssertFormat()
		check(t, compiler.AddResource(name, document))
		schemas[name], err = compiler.Compile(name)
		check(t, err)
	}
	compile("command", jobs.CommandSchema())
	for _, kind := range jobs.Kinds {
		compile(kind.Name, kind.Schema())
	}
	return schemas
}

func conforms(schema *jsonschema.Schema, line []byte) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

type rule struct {
	why, command string
	breaks       func(command tree) bool
}

// unsayable are the rules of the decoder that no schema can say, each with a
// command that breaks it alone.
var unsayable = []rule{
	{
		"whole numbers are written without a point or exponent: 1.0 is an integer to a schema",
		`{"id":"c","kind":"cap.change","actor":"a@b.example","body":{"subscription":"s","cap":1.0}}`,
		func(c tree) bool { return c.anyNumber(oddlyWritten) },
	},
	{
		"prices and amounts that are numbers are written in digits, with few decimals",
		`{"id":"c","kind":"tax.put","body":{"country":"DE","rate":1e1,"from":"2026-01-01"}}`,
		func(c tree) bool { return c.anyNumber(oddlyWritten) },
	},
	{
		"time zones are those of the database, which changes every year",
		contractLine(`"time_zone":"Europe/Bonn"`),
		func(c tree) bool { _, err := time.LoadLocation(c.text("body", "time_zone")); return err != nil },
	},
	{
		"a contract does not end before it starts",
		contractLine(`"ends_on":"2025-12-31"`),
		func(c tree) bool {
			end := c.text("body", "ends_on")
			return end != "" && end < c.text("body", "starts_on")
		},
	},
	{
		"a contract has a product once",
		contractLine(`"products":[{"product":"pro","prices":{}},{"product":"pro","prices":{"term":"1"}}]`),
		func(c tree) bool {
			seen := map[string]bool{}
			products, _ := c.at("body", "products").([]any)
			return slices.ContainsFunc(products, func(p any) bool {
				product := tree{p}.text("product")
				twice := seen[product]
				seen[product] = true
				return twice
			})
		},
	},
	{
		"an account is not its own parent",
		`{"id":"c","kind":"account.put","body":{"id":"north","kind":"reseller","parent":"north","name":"N","address":` + addressJSON + `}}`,
		func(c tree) bool { return c.text("kind") == "account.put" && c.same("id", "parent") },
	},
	{
		"an account is not linked to itself",
		`{"id":"c","kind":"account.link","actor":"a@b.example","body":{"account":"x","source":"x","approved_by":"a@b.example"}}`,
		func(c tree) bool { return c.text("kind") == "account.link" && c.same("account", "source") },
	},
	{
		"a license goes to another learner",
		`{"id":"c","kind":"license.reallocate","actor":"a@b.example","body":{"account":"x","product":"pro","from":"l1","to":"l1"}}`,
		func(c tree) bool { return c.text("kind") == "license.reallocate" && c.same("from", "to") },
	},
	{
		"no field is given twice: whoever parses JSON for a schema sees one of them",
		`{"id":"c","id":"d","kind":"subscription.end","actor":"a@b.example","body":{"subscription":"s"}}`,
		func(tree) bool { return false }, // mutations make no such text
	},
	{
		"half of a surrogate pair is no character: whoever parses JSON for a schema sees U+FFFD",
		`{"id":"c","kind":"product.put","body":{"id":"p","name":"\ud800","package":"starter"}}`,
		func(tree) bool { return false }, // a tree holds characters
	},
	{
		"commands have at most 64 KiB, those of the catalog 1 MiB",
		`{"id":"c","kind":"license.sell","actor":"a@b.example","body":{"from":"x","to":"y","items":[` +
			strings.Repeat(`{"product":"pro","quantity":1},`, 3000) + `{"product":"pro","quantity":1}]}}`,
		func(tree) bool { return false }, // mutations are small
	},
}

// oddlyWritten tells numbers that the decoder may refuse for how they are written.
func oddlyWritten(number string) bool { return !plainNumber.MatchString(number) }

var plainNumber = regexp.MustCompile(`^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\.[0-9]?[1-9])$`)

const addressJSON = `{"line1":"1 Quay","city":"Town","postal_code":"1","country":"IE"}`

// contractLine is a contract with some fields in place of others.
func contractLine(fields string) string {
	var body, other map[string]any
	base := `{"id":"C","seller":"s","reseller":"r","starts_on":"2026-01-01","currency":"EUR","time_zone":"Europe/Berlin",` +
		`"finance_emails":["f@b.example"],"create_permission":[],"products":[]}`
	if json.Unmarshal([]byte(base), &body) != nil || json.Unmarshal([]byte("{"+fields+"}"), &other) != nil {
		panic(fields)
	}
	maps.Copy(body, other)
	line, err := json.Marshal(map[string]any{"id": "c", "kind": "contract.put", "body": body})
	if err != nil {
		panic(err)
	}
	return string(line)
}

// TestWhatNoSchemaCanSay: the list of exceptions holds nothing that the schemas do say.
func TestWhatNoSchemaCanSay(t *testing.T) {
	schemas := compiled(t)
	for _, rule := range unsayable {
		t.Run(rule.why, func(t *testing.T) {
			c, problems := jobs.Parse([]byte(rule.command))
			if len(problems) != 1 {
				t.Errorf("the decoder says %v", problems)
			}
			kind := c.Kind
			for _, name := range []string{kind, "command"} {
				if err := conforms(schemas[name], []byte(rule.command)); err != nil {
					t.Errorf("the schema of %s says it: %v", name, err)
				}
			}
		})
	}
}

// agreement compares the schemas with the decoder: what one takes the other
// takes, but for what no schema can say.
type agreement struct {
	schemas        map[string]*jsonschema.Schema
	taken, refused int
}

func (a *agreement) on(t rapid.TB, command tree, schemas ...string) {
	line := encoded(t, command.value)
	_, problems := jobs.Parse(line)
	for _, name := range schemas {
		err := conforms(a.schemas[name], line)
		switch {
		case err != nil && len(problems) == 0:
			t.Fatalf("the schema of %s refuses what the decoder takes: %s\n%v", name, line, err)
		case err == nil && len(problems) > 0 && !slices.ContainsFunc(unsayable, func(r rule) bool { return r.breaks(command) }):
			t.Fatalf("the schema of %s takes what the decoder refuses: %s\n%v", name, line, problems)
		}
	}
	if len(problems) == 0 {
		a.taken++
	} else {
		a.refused++
	}
}

// bothWays wants enough commands of either sort to have been compared.
func (a *agreement) bothWays(t *testing.T) {
	t.Helper()
	if all := a.taken + a.refused; a.taken < all/10 || a.refused < all/10 {
		t.Errorf("%d commands were taken and %d refused", a.taken, a.refused)
	}
}

func payloadsOf(t *testing.T, kind string) []string {
	t.Helper()
	var commands []string
	for _, line := range lines(t, filepath.Join("testdata/payloads", kind+".ndjson")) {
		var p payload
		check(t, json.Unmarshal([]byte(line), &p))
		commands = append(commands, string(p.Command))
	}
	return commands
}

func TestSchemasAndDecoderAgreeOnRandomCommands(t *testing.T) {
	t.Parallel()
	a := agreement{schemas: compiled(t)}
	payloads := map[string][]string{}
	for _, kind := range jobs.Kinds {
		payloads[kind.Name] = payloadsOf(t, kind.Name)
	}
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(jobs.KindNames()).Draw(t, "kind")
		start := rapid.SampledFrom(payloads[kind]).Draw(t, "payload")
		if rapid.Bool().Draw(t, "random") {
			made := random.New(func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "chance") }).Of(kind)
			start = string(encoded(t, made))
		}
		command := parseTree(t, start)
		for range rapid.IntRange(0, 2).Draw(t, "mutations") {
			mutate(t, command)
		}
		if command.text("kind") == kind {
			a.on(t, command, kind, "command")
		}
	})
	a.bothWays(t)
}

// TestSchemasAndDecoderAgreeOnEveryField puts every odd value into every field.
// The envelope is the same in all kinds of a class; fields of the same name have
// the same type in all business kinds.
func TestSchemasAndDecoderAgreeOnEveryField(t *testing.T) {
	t.Parallel()
	a := agreement{schemas: compiled(t)}
	tried := map[string]bool{}
	for _, kind := range jobs.Kinds {
		for _, line := range payloadsOf(t, kind.Name) {
			command := parseTree(t, line)
			body, _ := command.at("body").(map[string]any)
			places := slots(body)
			for _, name := range []string{"id", "kind", "source", "actor", "on_behalf_of", "preview", "body"} {
				places = append(places, slot{members: command.value.(map[string]any), name: name})
			}
			for _, place := range places {
				_, envelope := place.members["body"]
				field := fmt.Sprint(kind.Class, envelope, place.name)
				if kind.Class == domain.Catalog && !envelope {
					field = kind.Name + "." + place.name
				}
				if tried[field] {
					continue
				}
				tried[field] = true
				before := place.get()
				for _, odd := range oddValues {
					place.put(odd)
					a.on(t, command, kind.Name)
				}
				place.put(before)
			}
		}
	}
	if a.taken == 0 || a.refused == 0 {
		t.Errorf("%d commands were taken and %d refused", a.taken, a.refused)
	}
}
