package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/jobs"
)

const good = `{"id":"p","kind":"product.put","body":{"id":"pro","name":"Pro","package":"starter"}}`

func purchase(fields string) string {
	return `{"id":"po","kind":"stock.purchase","actor":"ada@northwind.example","body":{"contract":"C-1","account":"northwind","product":"pro",` +
		fields + `}}`
}

func TestInvalidLines(t *testing.T) {
	t.Setenv("DATABASE_URL", "")
	t.Setenv("REDIS_URL", "")
	long := strings.Repeat("x", 2001)
	for _, test := range []struct{ name, line, want string }{
		{"no JSON", `{"id":`, `line: is not valid JSON: unexpected end of JSON input (at byte 6)`},
		{"no object", `[1]`, `line: must be an object, not [1]`},
		{"not UTF-8", "{\"id\":\"\xff\"}", `line: is not UTF-8 text`},
		{"unknown kind", `{"id":"a","kind":"stock.purchse","body":{}}`, `kind: "stock.purchse" is not a kind of command; did you mean stock.purchase?`},
		{"no kind", `{"id":"a","body":{}}`, `kind: is required`},
		{"unknown field of the command", `{"id":"a","kindd":"x"}`, "kindd: is not a field of a command; did you mean kind?\n-:3: kind: is required"},
		{"field of the command and of the body", strings.Replace(purchase(`"quantity":0`), `"po"`, "5", 1), "id: must be a string, not 5\n-:3: quantity: 0 is not between 1 and 1000000"},
		{"no body", `{"id":"a","kind":"product.put","body":[1]}`, `body: must be an object, not [1]`},
		{"token that is none", `{"id":"a","kind":"subscription.end","actor":"a@b.example","preview":"\u0000","body":{"subscription":"s"}}`, `preview: has the control character U+0000 at byte 0`},
		{"unknown field of the body", purchase(`"quantity":1,"quantty":2`), `quantty: is not a field here; did you mean quantity?`},
		{"wrong type", purchase(`"quantity":"many"`), `quantity: must be a whole number, not "many"`},
		{"zero", purchase(`"quantity":0`), `quantity: 0 is not between 1 and 1000000`},
		{"negative", purchase(`"quantity":-1`), `quantity: -1 is not between 1 and 1000000`},
		{"fraction", purchase(`"quantity":1.5`), `quantity: must be a whole number, not 1.5`},
		{"too many", purchase(`"quantity":1000000000`), `quantity: 1000000000 is not between 1 and 1000000`},
		{"control character", purchase(`"quantity":1,"note":"a\u0007b"`), `note: has the control character U+0007 at byte 1`},
		{"long text", purchase(`"quantity":1,"note":"` + long + `"`), `note: has 2001 characters; 2000 are allowed`},
		{"key twice", purchase(`"quantity":1,"quantity":2`), `quantity: is given twice`},
		{"missing", purchase(`"print_note":true`), `quantity: is required`},
		{"no actor", `{"id":"a","kind":"order.assign","body":{"order":"o"}}`, `actor: is required for order.assign`},
		{"2 MiB", `{"id":"` + strings.Repeat("a", 2<<20) + `"}`, fmt.Sprintf("line: has %d bytes; a command has at most %d", 2<<20+9, jobs.MaxCatalogCommandBytes)},
		{"one byte too many", good + strings.Repeat(" ", jobs.MaxCatalogCommandBytes+1-len(good)) + "\r", fmt.Sprintf("line: has %d bytes; a command has at most %d", 1<<20+1, 1<<20)},
		{"64 KiB", purchase(`"quantity":1,"note":"` + strings.Repeat("x", 64<<10) + `"`), `line: has 65615 bytes; a stock.purchase has at most 65536`},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, out, errs := enqueue(t, good+"\n\n"+test.line+"\n"+good, "run", "-")
			if want := "-:3: " + test.want + "\n"; code != exitInvalid || out != "" || errs != want {
				t.Errorf("exit %d, stdout %q\n got %s\nwant %s", code, out, errs, want)
			}
		})
	}
}

func TestEveryProblemIsListed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "commands.ndjson")
	lines := "\ufeff" + good + "\r\n\r\n  \n{}\n" + purchase(`"quantity":0`) + "\nnonsense"
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs := enqueue(t, "", "run", file)
	want := []string{
		file + ":4: id: is required", file + ":4: kind: is required",
		file + ":5: quantity: 0 is not between 1 and 1000000",
		file + ":6: line: is not valid JSON: invalid character 'o' in literal null (expecting 'u') (at byte 2)",
	}
	if code != exitInvalid || errs != strings.Join(want, "\n")+"\n" {
		t.Errorf("exit %d\n%s", code, errs)
	}
}

func TestInvalidFlags(t *testing.T) {
	body := filepath.Join(t.TempDir(), "body.json")
	if err := os.WriteFile(body, []byte(`{"quantity":1`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ args, want string }{
		{"stock.purchase --id po --actor ada@northwind.example --contract C --account a --product p --quantity 0", "enqueue: quantity: 0 is not between 1 and 1000000"},
		{"product.put --name N --package p", "enqueue: id: is required\nenqueue: product: is required"},
		{"product.put --id p --name N --package p", "enqueue: product: is required"},
		{"product.put --id p --product a~b --name N --package p", `enqueue: product: "a~b" must be 1 to 128 of A-Za-z0-9._:/@+-`},
		{"product.put --id a~b --product pro --name N --package p", `enqueue: id: "a~b" must be 1 to 128 of A-Za-z0-9._:/@+-`},
		{"stock.purchase --body " + body, "enqueue: body: is not valid JSON: EOF"},
		{"stock.purchase --body " + body + ".no", "enqueue: body: open " + body + ".no: no such file or directory"},
		{"run " + body + ".no", "enqueue: open " + body + ".no: no such file or directory"},
		{"run " + filepath.Dir(body), "enqueue: reading " + filepath.Dir(body) + ": read " + filepath.Dir(body) + ": is a directory"},
		{"--env-file " + body + ".no run -", "enqueue: reading settings from " + body + ".no: open " + body + ".no: no such file or directory"},
	} {
		code, out, errs := enqueue(t, "", strings.Fields(test.args)...)
		if code != exitInvalid || out != "" || errs != test.want+"\n" {
			t.Errorf("%s: exit %d, stdout %q\n got %s\nwant %s", test.args, code, out, errs, test.want)
		}
	}
}

func TestWrongUsage(t *testing.T) {
	for args, want := range map[string]string{
		"":                                   "expected one of",
		"stock.purchse --id 1":               `did you mean "stock.purchase"?`,
		"stock.purchase --quantty 1":         `did you mean "--quantity"?`,
		"account.put --trial=perhaps":        "bool value must be",
		"run":                                "<file>",
		"show stock":                         "--account=ACCOUNT",
		"show stock --account a --limit 0":   "--limit: must be 1 or more",
		"show orders --account a --state x":  `--state: "x" is not one of requested, assigned, rejected, cancelled`,
		"show orders --account a --from May": `"May" is not a date like 2026-11-30`,
		"show nonsense":                      "unexpected argument nonsense",
		"run - --timeout x":                  "--timeout",
		"--log-level loud run -":             "--log-level",
		"mail resend 1-1 --to nobody":        `to: "nobody" is not a mail address`,
	} {
		code, out, errs := enqueue(t, "", strings.Fields(args)...)
		if code != exitInvalid || out != "" || !strings.HasPrefix(errs, "enqueue: ") || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, stdout %q, stderr %q has no %q", args, code, out, errs, want)
		}
	}
}

func TestNothingToSend(t *testing.T) {
	for _, in := range []string{"", "\n\n", "  \n\t"} {
		code, out, errs := enqueue(t, in, "run", "-")
		if code != exitApplied || out != "" || errs != "accepted 0\n" {
			t.Errorf("%q: exit %d, %q, %q", in, code, out, errs)
		}
	}
}

func TestUnreachable(t *testing.T) {
	t.Setenv("DATABASE_URL", "")
	t.Setenv("REDIS_URL", "")
	empty := t.TempDir()
	for _, test := range []struct{ args, want string }{
		{"--data " + empty + " run -", "DATABASE_URL is not set: give it as a flag"},
		{"--data " + empty + " show stock --account a", "DATABASE_URL is not set: give it as a flag"},
		{"--database-url postgres://127.0.0.1:1/x show stock --account a", "is Postgres running, and does DATABASE_URL name it?"},
		{"--database-url postgres://127.0.0.1:1/x --redis-url redis://127.0.0.1:1 run -", "is Postgres running, and does DATABASE_URL name it?"},
		{"--database-url postgres://127.0.0.1:1/x --redis-url nonsense run -", "reading REDIS_URL"},
		{"--database-url nonsense:// show stock --account a", "reading DATABASE_URL"},
	} {
		code, out, errs := enqueue(t, good, strings.Fields(test.args)...)
		if code != exitUnreachable || out != "" || !strings.Contains(errs, test.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%s: exit %d, stdout %q, stderr %q", test.args, code, out, errs)
		}
	}
}
