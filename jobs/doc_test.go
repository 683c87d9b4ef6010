package jobs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

// TestTheCommandsAreDocumented writes docs/commands.md from the table of kinds
// and the examples, and wants the file to be just that. -update rewrites it.
func TestTheCommandsAreDocumented(t *testing.T) {
	golden(t, "../docs/commands.md", commandsDoc(t))
}

const commandsIntro = `# Commands

Every kind that can be enqueued: fields, who may send it, what it gives, what can refuse it. This page is made from the code.

A command is one JSON object:

` + "```json" + `
{"id":"po-2026-0042","kind":"stock.purchase","source":"portal","actor":"ada@northwind.example","on_behalf_of":null,"preview":null,"body":{…}}
` + "```" + `

` + "`id`" + ` is chosen by upstream and unique per ` + "`source`" + ` (default ` + "`default`" + `). Business kinds need an ` + "`actor`" + `. Unknown fields are errors; absent and null mean the same. Of all reasons that refuse a command, the first in the order given is named.

[schemas](schemas) has the same as JSON Schema (draft 2020-12), for other tools: a file per kind, and [command.schema.json](schemas/command.schema.json) for all of them; ` + "`enqueue schema [KIND]`" + ` prints them. What they cannot say:

`

func commandsDoc(t *testing.T) []byte {
	t.Helper()
	var doc bytes.Buffer
	doc.WriteString(commandsIntro)
	for _, rule := range unsayable {
		fmt.Fprintf(&doc, "- %s\n", rule.why)
	}
	doc.WriteString("\n")
	examples := exampleLines(t)
	for _, class := range []struct {
		class domain.Class
		title string
	}{{domain.Catalog, "Catalog"}, {domain.Business, "Business"}, {domain.Control, "Control"}} {
		fmt.Fprintf(&doc, "## %s\n\n", class.title)
		for _, kind := range jobs.Kinds {
			if kind.Class == class.class {
				kindDoc(t, &doc, kind, examples[kind.Name])
			}
		}
	}
	doc.WriteString("## By itself\n\n| schedule | what happens when it is due |\n|---|---|\n")
	for _, s := range jobs.Schedules {
		fmt.Fprintf(&doc, "| `%s` | %s |\n", s.Name, s.Purpose)
	}
	return doc.Bytes()
}

func kindDoc(t *testing.T, doc *bytes.Buffer, kind jobs.Kind, example string) {
	t.Helper()
	if example == "" {
		t.Errorf("%s has no line in examples", kind.Name)
	}
	fmt.Fprintf(doc, "### %s\n\n%s.\n\n", kind.Name, strings.ToUpper(kind.Purpose[:1])+kind.Purpose[1:])
	if kind.Class == domain.Business {
		fmt.Fprintf(doc, "Sent by: %s.\n\n", senders(kind.Name))
	}
	doc.WriteString("| field | value | |\n|---|---|---|\n")
	fieldRows(doc, "", kind.Fields())
	command := kind.Example()
	if ruled, ok := command.(interface{ FieldRules() []domain.FieldRule }); ok {
		doc.WriteString("\n")
		for _, rule := range ruled.FieldRules() {
			fmt.Fprintf(doc, "- `%s` %s\n", rule.Needs+rule.Refuses, rule.What)
		}
	}
	if results := command.Doc().Results; results != "" {
		fmt.Fprintf(doc, "\nResult: `%s`.\n", strings.ReplaceAll(results, ", ", "`, `"))
	}
	reasons := make([]string, 0, len(domain.Reasons))
	for _, r := range domain.ReasonsOf(command) {
		reasons = append(reasons, "`"+string(r)+"`")
	}
	fmt.Fprintf(doc, "\nReasons: %s.\n\n```json\n%s\n```\n\n", strings.Join(reasons, ", "), example)
}

func fieldRows(doc *bytes.Buffer, prefix string, fields []jobs.Field) {
	for _, f := range fields {
		need := "required"
		switch {
		case f.Default != "":
			need = "default `" + f.Default + "`"
		case f.Optional:
			need = "optional"
		}
		nested := f.Fields()
		value := jobs.Limits(f.Type)
		list := f.Type.Kind() == reflect.Slice
		switch {
		case f.Type.Kind() == reflect.Bool:
			value = "true or false"
		case len(nested) > 0 && list:
			value = "list of"
		case len(nested) > 0:
			value = "object of"
		case list:
			value = "list: " + value
		}
		fmt.Fprintf(doc, "| `%s%s` | %s | %s |\n", prefix, f.Name, strings.ReplaceAll(value, "|", "\\|"), need)
		fieldRows(doc, prefix+f.Name+map[bool]string{true: "[].", false: "."}[list], nested)
	}
}

// senders puts the table of rights into words.
func senders(kind string) string {
	acting, create := domain.MayAct(kind)
	who := map[string]string{
		"[reseller]":          "`manager` or `sales` of the reseller",
		"[customer]":          "`manager` or `sales` of the customer, or of the reseller in managing mode",
		"[customer reseller]": "`manager` or `sales` of the customer or of the reseller",
	}[fmt.Sprint(acting)]
	if create {
		who += ", with the contract's create permission"
	}
	return who
}

// exampleLines finds the first line of each kind in the examples.
func exampleLines(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, story := range append([]string{"catalog"}, stories...) {
		for _, line := range lines(t, filepath.Join("../examples", story+".ndjson")) {
			var c struct{ Kind string }
			check(t, json.Unmarshal([]byte(line), &c))
			if found[c.Kind] == "" {
				found[c.Kind] = line
			}
		}
	}
	return found
}
