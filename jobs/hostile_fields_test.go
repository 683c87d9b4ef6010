package jobs_test

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

// hostileTexts are written as JSON strings: some of them are no text.
var hostileTexts = map[string]string{
	"SQL":                  `"'; DROP TABLE accounts; --"`,
	"SQL, dollars":         `"$1 $$ \\' E'\\x00'"`,
	"HTML":                 `"<script>alert(1)</script><img src=x onerror=alert(1)>"`,
	"attribute":            `"\" onmouseover=\"alert(1)\" x=\""`,
	"XML":                  `"]]><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;&#0;"`,
	"PDF":                  `") Tj ET endstream endobj \\"`,
	"formula":              `"=HYPERLINK(\"http://evil.example\",\"x\")"`,
	"formula, full width":  `"＝1+1"`,
	"plus":                 `"+1"`,
	"minus":                `"-1"`,
	"at":                   `"@SUM(1)"`,
	"separators":           `"a,b;\"c\"|d"`,
	"direction":            `"\u202eevil\u202c\u2066x\u2069\u200f"`,
	"zero width":           `"a\u200bb\u200d\u2060\ufeff"`,
	"line separators":      `"a\u2028b\u2029c"`,
	"emoji":                `"Zoë 👩\u200d👩\u200d👧 🇩🇪"`,
	"marks":                `"Z` + strings.Repeat(`\u0310`, 40) + `"`,
	"no characters":        `"\ufffd\ufffe\uffff"`,
	"beyond the plane":     `"\udbff\udffd𝒳"`,
	"path":                 `"../../etc/passwd"`,
	"path of Windows":      `"..\\..\\boot.ini"`,
	"template":             `"{{.Lead}}${7*7}%s%n{account}#{1}"`,
	"encoded word":         `"=?utf-8?q?=0D=0ABcc:_eve@evil.example?="`,
	"null":                 `"null"`,
	"CRLF":                 `"a\r\nBcc: eve@evil.example"`,
	"tab":                  `"\t=1"`,
	"terminal":             `"\u001b[31mred\u001b]0;title\u0007"`,
	"terminal, one byte":   `"\u009b31m"`,
	"NUL":                  `"a\u0000b"`,
	"half a pair":          `"a\ud800b"`,
	"broken UTF-8":         "\"a\xff\xfeb\"",
	"overlong UTF-8":       "\"a\xc0\xafb\"",
	"surrogate in UTF-8":   "\"a\xed\xa0\x80b\"",
	"only space":           `" \u00a0\u3000"`,
	"over-long":            `"` + strings.Repeat("x", 2001) + `"`,
	"over-long, by letter": `"` + strings.Repeat("é", 201) + `"`,
}

// TestHostileTextInEveryField puts every hostile text into every field of every
// kind, in turn: it is refused, by a word about that field, or kept to the letter.
func TestHostileTextInEveryField(t *testing.T) {
	t.Parallel()
	const mark = "HOSTILE-TEXT"
	kept, refused := map[string]bool{}, map[string]bool{}
	for _, kind := range jobs.Kinds {
		for _, payload := range payloadsOf(t, kind.Name) {
			command := parseTree(t, payload)
			for _, place := range slots(command.value) {
				before, isText := place.get().(string)
				if !isText || place.name == "kind" {
					continue
				}
				place.put(mark)
				line := strings.TrimSpace(string(encoded(t, command.value)))
				place.put(before)
				for name, text := range hostileTexts {
					raw := strings.Replace(line, `"`+mark+`"`, text, 1)
					c, problems := jobs.Parse([]byte(raw))
					if len(problems) > 0 {
						refused[name] = true
						wellRefused(t, place, raw, problems)
						continue
					}
					kept[name] = true
					var want string
					check(t, json.Unmarshal([]byte(text), &want))
					if !slices.Contains(texts(t, c), want) && want != "" {
						t.Errorf("%s in %s of %s is not kept to the letter: %s", name, place.name, kind.Name, raw)
					}
				}
			}
		}
	}
	for name := range hostileTexts {
		if !refused[name] {
			t.Errorf("%s was never refused, not even as an id", name)
		}
	}
	for _, name := range []string{"CRLF", "terminal", "terminal, one byte", "NUL", "half a pair", "broken UTF-8", "overlong UTF-8", "surrogate in UTF-8", "over-long"} {
		if kept[name] && name != "CRLF" {
			t.Errorf("%s was kept", name)
		}
	}
}

func wellRefused(t *testing.T, place slot, raw string, problems jobs.Problems) {
	t.Helper()
	said := problems.Error()
	about := slices.ContainsFunc(problems, func(p jobs.Problem) bool {
		return p.Field == "line" || strings.Contains(p.Field, place.name) || place.list != nil || strings.Contains(p.Field, "reason")
	})
	odd := func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) }
	if !about && !utf8.ValidString(raw) || len(said) > 2000 || strings.ContainsFunc(said, odd) || !utf8.ValidString(said) {
		t.Errorf("%.300s: %.500q", raw, said)
	}
}

// texts are all texts of a command as the journal keeps it.
func texts(t *testing.T, c jobs.Command) []string {
	t.Helper()
	body, _ := c.Stored()
	all := []string{c.ID, c.Source, string(c.Actor), string(c.OnBehalfOf), c.Preview}
	kept := parseTree(t, string(body))
	for _, place := range slots(kept.value) {
		if s, ok := place.get().(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// tainted puts hostile texts before the names and notes of a command; the same
// name gets the same one everywhere.
func tainted(t *testing.T, line string, bad []string, turn int) string {
	t.Helper()
	command := parseTree(t, line)
	kind, known := jobs.KindNamed(command.text("kind"))
	if !known {
		t.Fatal(line)
	}
	taint(command.at("body"), kind.Fields(), func(s string) string {
		sum := turn
		for _, b := range []byte(s) {
			sum += int(b)
		}
		return bad[sum%len(bad)] + " " + s
	})
	return string(encoded(t, command.value))
}

func taint(v any, fields []jobs.Field, with func(string) string) {
	switch v := v.(type) {
	case map[string]any:
		for _, f := range fields {
			if s, ok := v[f.Name].(string); ok && s != "" && (f.Type == reflect.TypeFor[domain.Name]() || f.Type == reflect.TypeFor[domain.Note]()) {
				v[f.Name] = with(s)
			} else if inner := f.Fields(); inner != nil {
				taint(v[f.Name], inner, with)
			}
		}
		if _, noted := v["print_note"]; noted && v["note"] == nil {
			v["note"], v["print_note"] = with("note"), true
		}
	case []any:
		for _, element := range v {
			taint(element, fields, with)
		}
	}
}

// TestAYearOfHostileNames lives the year of the examples with hostile texts for
// all names and notes: the same happens, and all that is made of it is harmless.
func TestAYearOfHostileNames(t *testing.T) {
	t.Parallel()
	var bad []string
	for _, name := range sortedKeys(hostileTexts) {
		var text string
		if json.Unmarshal([]byte(hostileTexts[name]), &text) == nil && domain.Name(text).Check() == "" && utf8.RuneCountInString(text) < 120 && utf8.Valid([]byte(hostileTexts[name])) {
			bad = append(bad, text)
		}
	}
	l := start(t)
	l.run([]jobs.Command{parse(t, storiesBegin)})
	commands, given := []jobs.Command{}, map[string]bool{}
	for i, line := range lines(t, "../examples/year.ndjson") {
		c := parse(t, tainted(t, line, bad, i/40))
		commands = append(commands, c)
		for _, s := range texts(t, c) {
			given[s] = true
		}
	}
	outcomes := l.run(commands)
	for i, line := range lines(t, "../examples/golden/year.ndjson") {
		if want := parseTree(t, line); want.text("status") != string(outcomes[i].Status) {
			t.Errorf("%s is %s, not %s", outcomes[i].ID, outcomes[i].Status, want.text("status"))
		}
	}
	l.verify()
	for _, table := range []string{"accounts", "users", "products", "sellers", "learners"} {
		for _, name := range l.texts("SELECT name FROM " + table) {
			if !given[name] {
				t.Errorf("%s have %+q, which nobody wrote", table, name)
			}
		}
	}
	harmlessMails(t, l)
	harmlessDocuments(t, l)
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// harmlessMails words all mails and looks at them as a browser does.
func harmlessMails(t *testing.T, l *ledger) {
	t.Helper()
	count, odd := 0, func(r rune) bool { return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
	for m, err := range l.store.MailReport(t.Context(), store.MailFilter{}) {
		check(t, err)
		count++
		got, err := notify.Render(domain.Mail{Event: m.Event, Recipient: m.Recipient, Name: "=?x\r\n<b>", Locale: m.Locale, Params: m.Params})
		check(t, err)
		if strings.ContainsFunc(got.Subject, odd) || strings.Contains(got.Subject, "\n") || strings.ContainsFunc(got.Text+got.HTML, odd) {
			t.Errorf("%s: %+q", m.ID(), got)
		}
		page, err := html.Parse(strings.NewReader(got.HTML))
		check(t, err)
		for n := range page.Descendants() {
			if n.Type == html.ElementNode && slices.Contains([]string{"script", "img", "a", "iframe", "b", "form", "input"}, n.Data) || n.Type == html.CommentNode {
				t.Errorf("%s has a %s", m.ID(), n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s has %s=%s", m.ID(), a.Key, a.Val)
				}
			}
		}
	}
	if count < 20 {
		t.Errorf("only %d mails", count)
	}
}

// harmlessDocuments reads all documents of invoices with programs of others.
func harmlessDocuments(t *testing.T, l *ledger) {
	t.Helper()
	files := l.texts(`SELECT format || ' ' || encode(content, 'base64') FROM documents ORDER BY contract, period, format`)
	if len(files) < 40 {
		t.Errorf("only %d documents", len(files))
	}
	onDisk := map[string][]string{}
	for i, file := range files {
		format, encoded, _ := strings.Cut(file, " ")
		content, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(encoded, "\n", ""))
		check(t, err)
		switch format {
		case "csv":
			rows, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
			check(t, err)
			for _, row := range rows {
				for n, cell := range row {
					if begin := strings.TrimSpace(cell); begin != "" && strings.ContainsAny(begin[:1], "=+-@") && !slices.Contains([]string{"quantity", "unit_price", "net"}, rows[0][n]) {
						t.Errorf("%s is %q", rows[0][n], cell)
					}
				}
			}
		case "xml":
			wellFormed(t, content)
		case "json":
			if !json.Valid(content) {
				t.Errorf("no JSON: %s", content)
			}
		}
		path := filepath.Join(t.TempDir(), fmt.Sprintf("%d.%s", i, format))
		check(t, os.WriteFile(path, content, 0o600))
		onDisk[format] = append(onDisk[format], path)
	}
	if xmllint, err := exec.LookPath("xmllint"); err != nil {
		t.Log("xmllint is missing (apt-get install libxml2-utils)")
	} else if out, err := exec.Command(xmllint, append([]string{"--noout", "--nonet"}, onDisk["xml"]...)...).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("xmllint: %v\n%s", err, out)
	}
	pdftotext, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Log("pdftotext is missing (apt-get install poppler-utils)")
		return
	}
	for _, path := range onDisk["pdf"] {
		out, err := exec.Command(pdftotext, path, "-").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "LicenseLedger") && !strings.Contains(string(out), "1") || strings.ContainsFunc(string(out), func(r rune) bool {
			return unicode.IsControl(r) && r != '\n' && r != '\f' || unicode.Is(unicode.Bidi_Control, r)
		}) {
			t.Errorf("pdftotext: %v: %+q", err, out)
		}
	}
}

func wellFormed(t *testing.T, document []byte) {
	t.Helper()
	for decoder := xml.NewDecoder(bytes.NewReader(document)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		check(t, err)
		switch token.(type) {
		case xml.Directive, xml.Comment:
			t.Errorf("a %T in %s", token, document)
		}
	}
}
