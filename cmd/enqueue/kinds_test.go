package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// lineOfFlags parses arguments and returns the command they describe.
func lineOfFlags(t *testing.T, args []string) string {
	t.Helper()
	forms := map[string]*form{}
	for _, kind := range jobs.Kinds {
		if slices.Contains(args, kind.Name) { // a parser of all kinds takes its time
			forms[kind.Name] = newForm(kind)
		}
	}
	return string(parseInto(t, forms, args))
}

func parseInto(t *testing.T, forms map[string]*form, args []string) []byte {
	t.Helper()
	var cli commandLine
	parser, err := newParser(&cli, forms, &app{ctx: context.Background(), out: &bytes.Buffer{}, err: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(joinNegative(args))
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	line, err := forms[parsed.Selected().Name].line(strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// leaves lists every field that a body can hold, down to those that are no objects.
func leaves(fields []jobs.Field, outer string) []string {
	var paths []string
	for _, f := range fields {
		t := f.Type
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		_, isTime := reflect.Zero(t).Interface().(time.Time)
		_, isNumber := reflect.Zero(t).Interface().(interface{ IsZero() bool })
		if t.Kind() == reflect.Struct && !isTime && !isNumber {
			paths = append(paths, leaves(f.Fields(), outer+f.Name+".")...)
			continue
		}
		paths = append(paths, outer+f.Name)
	}
	return paths
}

// has tells whether a JSON object has a value where a path leads.
func has(v any, path string) bool {
	for name := range strings.SplitSeq(path, ".") {
		members, ok := v.(map[string]any)
		if !ok {
			return false
		}
		if v, ok = members[name]; !ok {
			return false
		}
	}
	return true
}

func TestEveryFieldOfEveryKindHasAFlag(t *testing.T) {
	for _, kind := range jobs.Kinds {
		t.Run(kind.Name, func(t *testing.T) {
			f := newForm(kind)
			args := []string{kind.Name, "--id", "cmd-1", "--actor", "ada@northwind.example"}
			for _, g := range f.flags {
				switch g.sort {
				case boolFlag:
					args = append(args, "--"+g.name)
				default:
					args = append(args, "--"+g.name+"="+g.sample())
				}
			}
			line := lineOfFlags(t, args)
			var command struct {
				ID, Kind, Actor string
				Body            map[string]any
			}
			if err := json.Unmarshal([]byte(line), &command); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if command.ID != "cmd-1" || command.Kind != kind.Name || command.Actor != "ada@northwind.example" {
				t.Errorf("the envelope is %s", line)
			}
			for _, path := range leaves(kind.Fields(), "") {
				if has(command.Body, path) == slices.Contains(f.onlyInBody, path) {
					t.Errorf("%s: given by a flag: %v, only in the body: %v", path, has(command.Body, path), f.onlyInBody)
				}
			}
			_, problems := jobs.Parse([]byte(line))
			for _, p := range problems {
				if strings.HasPrefix(p.What, "must be") || strings.Contains(p.What, "not a field") {
					t.Errorf("%s in %s", p, line)
				}
			}
		})
	}
}

func TestExamplesHaveWhatIsRequired(t *testing.T) {
	for _, kind := range jobs.Kinds {
		f := newForm(kind)
		words := strings.Fields(f.example())
		for _, g := range f.flags {
			needed := !g.field.Optional && g.field.Default == "" && g.sort != boolFlag
			shown := slices.Contains(words, "--"+g.name) || slices.Contains(words, "--"+g.singular)
			if needed != shown {
				t.Errorf("%s: --%s is needed: %v, in the example: %v", kind.Name, g.name, needed, shown)
			}
			if g.help() == "" && g.sort != itemFlag {
				t.Errorf("%s: --%s has no help", kind.Name, g.name)
			}
		}
	}
}

// No flag of a kind may hide one that stands everywhere.
func TestFlagsAreNotTaken(t *testing.T) {
	var cli commandLine
	parser, err := newParser(&cli, newForms(), &app{ctx: context.Background(), out: &bytes.Buffer{}, err: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	taken := map[string]bool{}
	for _, flag := range parser.Model.Flags {
		taken[flag.Name] = true
	}
	for _, node := range parser.Model.Children {
		seen := map[string]bool{}
		for _, flag := range node.Flags {
			for _, name := range append([]string{flag.Name}, flag.Aliases...) {
				if taken[name] || seen[name] {
					t.Errorf("%s: --%s means two things", node.Name, name)
				}
				seen[name] = true
			}
		}
	}
}

func TestFlagsGiveTheCommand(t *testing.T) {
	body := filepath.Join(t.TempDir(), "body.json")
	if err := os.WriteFile(body, []byte(`{"contract":"C-1","quantity":1,"account":"x","print_note":true}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ args, want string }{
		{
			`stock.purchase --id po-1 --actor ada@northwind.example --contract C-1 --account northwind --product pro --quantity 100`,
			`{"kind":"stock.purchase","id":"po-1","actor":"ada@northwind.example","body":{"contract":"C-1","account":"northwind","product":"pro","quantity":100}}`,
		},
		{
			`stock.purchase --id=a --source shop --on-behalf-of=b --preview tok --quantity 1.5 --purchase_order PO --print-note`,
			`{"kind":"stock.purchase","id":"a","source":"shop","on_behalf_of":"b","preview":"tok","body":{"quantity":1.5,"purchase_order":"PO","print_note":true}}`,
		},
		{
			`stock.purchase --id a --quantity -3 --print_note=false --note=-x<&>`,
			`{"kind":"stock.purchase","id":"a","body":{"quantity":-3,"note":"-x<&>","print_note":false}}`,
		},
		{
			`stock.purchase --id a --quantity ten`,
			`{"kind":"stock.purchase","id":"a","body":{"quantity":"ten"}}`,
		},
		{
			`stock.purchase --id a --quantity 7 --account northwind --body ` + body,
			`{"kind":"stock.purchase","id":"a","body":{"contract":"C-1","print_note":true,"account":"northwind","quantity":7}}`,
		},
		{
			`user.put --id u-1 --user ada@northwind.example --account northwind --name Ada --role manager --roles sales`,
			`{"kind":"user.put","id":"u-1","body":{"id":"ada@northwind.example","account":"northwind","name":"Ada","roles":["manager","sales"]}}`,
		},
		{
			`user.put --id u-1 --user ada@northwind.example --roles=`,
			`{"kind":"user.put","id":"u-1","body":{"id":"ada@northwind.example","roles":[]}}`,
		},
		{
			`contract.put --id c --contract C-1 --finance-email a@b --finance_emails c,d@e --finance_email f --max-seats-per-customer 5`,
			`{"kind":"contract.put","id":"c","body":{"id":"C-1","max_seats_per_customer":5,"finance_emails":["a@b","c,d@e","f"]}}`,
		},
		{
			`account.put --id a --account northwind --trial=false --address-line1 Street --address_postal_code 10115 --kind customer`,
			`{"kind":"account.put","id":"a","body":{"id":"northwind","kind":"customer","address":{"line1":"Street","postal_code":"10115"},"trial":false}}`,
		},
		{
			`tax.put --id t --country DE --rate 19 --from 2026-01-01`,
			`{"kind":"tax.put","id":"t","body":{"country":"DE","rate":"19","from":"2026-01-01"}}`,
		},
		{
			`--log-level debug clock.advance --id t --to 2026-11-30T12:00:00Z --json`,
			`{"kind":"clock.advance","id":"t","body":{"to":"2026-11-30T12:00:00Z"}}`,
		},
	} {
		if got := lineOfFlags(t, strings.Fields(test.args)); got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.args, got, test.want)
		}
	}
}

// Fields that no kind of today has: all that bodies may hold.
func TestFlagsOfAnyBody(t *testing.T) {
	type item struct {
		Product  domain.ProductID `json:"product"`
		Quantity domain.Quantity  `json:"quantity"`
		License  domain.LicenseID `json:"license,omitempty"`
	}
	type first struct {
		Contract domain.ContractID `json:"contract"`
		Quantity domain.Quantity   `json:"quantity"`
	}
	type offer struct {
		Product domain.ProductID `json:"product"`
		Prices  domain.Prices    `json:"prices"`
	}
	type everything struct {
		ID          domain.LearnerID `json:"id"`
		Source      domain.AccountID `json:"source"`
		Items       []item           `json:"items"`
		First       *first           `json:"first_order,omitempty"`
		Offers      []offer          `json:"offers"`
		Delta       int64            `json:"delta"`
		Cap         *domain.Seats    `json:"cap,omitempty"`
		Counts      []int64          `json:"counts,omitempty"`
		LastLoginAt *time.Time       `json:"last_login_at,omitempty"`
		Amount      domain.Amount    `json:"amount"`
		On          domain.Date      `json:"on,omitempty"`
	}
	fields := jobs.Field{Type: reflect.TypeFor[everything]()}.Fields()
	kind, _ := jobs.KindNamed("tax.put")
	forms := map[string]*form{"tax.put": newFormOf(kind, fields)}
	args := `tax.put --id c --tax l-1 --source-account acme --item pro=10 --item lite=x,license=po-1~1,licnse=b --items odd
		--first-order-quantity 3 --delta -2 --cap 0 --count 1 --count 2 --last-login-at now --amount -12.50 --on 2026-11-30`
	want := `{"kind":"tax.put","id":"c","body":{"id":"l-1","source":"acme",` +
		`"items":[{"product":"pro","quantity":10},{"product":"lite","quantity":"x","license":"po-1~1","licnse":"b"},{"product":"odd"}],` +
		`"first_order":{"quantity":3},"delta":-2,"cap":0,"counts":[1,2],"last_login_at":"now","amount":"-12.50","on":"2026-11-30"}}`
	if got := string(parseInto(t, forms, strings.Fields(args))); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if !slices.Equal(forms["tax.put"].onlyInBody, []string{"offers"}) {
		t.Errorf("only in the body: %v", forms["tax.put"].onlyInBody)
	}
}

func TestHelp(t *testing.T) {
	code, out, errs := enqueue(t, "", "contract.put", "--help")
	if code != 0 || errs != "" {
		t.Fatalf("exit %d, %s", code, errs)
	}
	for _, want := range []string{
		"Create or replace a contract with its products and prices.", "enqueue contract.put --id cmd-1 --contract C-1",
		"Only in the body (--body FILE): products.", "Between 1 and 1000000; default: 1.", "One of active, suspended, ended; default:",
		"--finance-emails", "required.", "A date like 2026-11-30;",
	} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			t.Errorf("the help does not say %q:\n%s", want, out)
		}
	}
}

// enqueue runs the program in this process.
func enqueue(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(in), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}
