package jobs_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

var update = flag.Bool("update", false, "rewrite the golden outcomes; commit them only if you understand what changed")

// stories are the files of examples, in the order in which they are run.
var stories = []string{"demo", "1-stock", "2-device-purchase", "3-sales-and-links", "4-orders-and-learners", "5-subscriptions", "year"}

const storiesBegin = `{"id":"clock-0","kind":"clock.advance","body":{"to":"2026-03-02T09:00:00Z"}}`

// TestTheExamples runs every story. Each line is previewed first: the preview
// must say what running the line then gives, and leave no trace.
func TestTheExamples(t *testing.T) {
	l := start(t)
	l.run([]jobs.Command{parse(t, storiesBegin)})
	for _, o := range l.file("../examples/catalog.ndjson") {
		if o.Status != domain.Applied {
			t.Errorf("%s: %s: %s", o.ID, *o.Reason, *o.Detail)
		}
	}
	for _, story := range stories {
		t.Run(story, func(t *testing.T) {
			l.t = t
			var got bytes.Buffer
			for _, line := range lines(t, filepath.Join("../examples", story+".ndjson")) {
				outcome := l.previewed(parse(t, line))
				got.Write(mustJSON(t, outcome))
				got.WriteByte('\n')
			}
			golden(t, filepath.Join("../examples/golden", story+".ndjson"), got.Bytes())
			l.verify()
		})
	}
}

// previewed previews a command, runs it, and compares.
func (l *ledger) previewed(c jobs.Command) jobs.Outcome {
	l.t.Helper()
	if domain.ClassOf(c.Kind) == domain.Control {
		return l.run([]jobs.Command{c})[0]
	}
	before := l.fingerprint()
	p, err := l.client.Preview(l.t.Context(), c)
	check(l.t, err)
	if after := l.fingerprint(); after != before {
		l.t.Errorf("the preview of %s left a trace:\n%s\n%s", c.ID, before, after)
	}
	o := l.run([]jobs.Command{c})[0]
	if p.Would != o.Status || text(p.Reason) != text(o.Reason) || text(p.Detail) != text(o.Detail) {
		l.t.Errorf("%s would be %s %s (%s) and was %s %s (%s)", c.ID, p.Would, text(p.Reason), text(p.Detail), o.Status, text(o.Reason), text(o.Detail))
	}
	if withoutContract(l.t, p.Result) != withoutContract(l.t, o.Result) {
		l.t.Errorf("%s would give\n%s\nand gave\n%s", c.ID, p.Result, o.Result)
	}
	return o
}

func text[S ~string](s *S) string {
	if s == nil {
		return ""
	}
	return string(*s)
}

func withoutContract(t *testing.T, result json.RawMessage) string {
	t.Helper()
	if result == nil {
		return ""
	}
	var members map[string]any
	check(t, json.Unmarshal(result, &members))
	delete(members, "contract")
	return string(mustJSON(t, members))
}

// fingerprint changes with any row of any table.
func (l *ledger) fingerprint() string {
	l.t.Helper()
	rows, err := l.pool.Query(l.t.Context(), `
		SELECT table_name, (xpath('/row/h/text()', query_to_xml(
			format('SELECT md5(coalesce(string_agg(t::text, %L ORDER BY t::text), %L)) AS h FROM %I AS t', '|', '', table_name), false, true, '')))[1]::text
		FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name`)
	check(l.t, err)
	var all strings.Builder
	for rows.Next() {
		var table, hash string
		check(l.t, rows.Scan(&table, &hash))
		all.WriteString(table + " " + hash + "\n")
	}
	check(l.t, rows.Err())
	return all.String()
}

func lines(t *testing.T, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	check(t, err)
	defer f.Close()
	var all []string
	for scanner := bufio.NewScanner(f); scanner.Scan(); {
		all = append(all, scanner.Text())
	}
	return all
}

func parse(t *testing.T, line string) jobs.Command {
	t.Helper()
	c, problems := jobs.Parse([]byte(line))
	if len(problems) > 0 {
		t.Fatalf("%s: %v", line, problems)
	}
	return c
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // as enqueue prints
	check(t, encoder.Encode(v))
	return bytes.TrimSpace(b.Bytes())
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		check(t, os.MkdirAll(filepath.Dir(file), 0o755))
		check(t, os.WriteFile(file, got, 0o644))
		return
	}
	want, err := os.ReadFile(file)
	check(t, err)
	if !bytes.Equal(want, got) {
		t.Errorf("%s differs:\n%s\nwant\n%s", file, got, want)
	}
}

// TestAStalePreview: a token is good until something it relied on changes, and only then.
func TestAStalePreview(t *testing.T) {
	l := start(t)
	l.run([]jobs.Command{parse(t, storiesBegin)})
	l.file("../examples/catalog.ndjson")
	l.file("../examples/1-stock.ndjson")
	transfer := `{"id":"%","kind":"stock.transfer","actor":"ada@northwind.example","preview":"TOKEN","body":{"from":"northwind","to":"acme","product":"pro","quantity":2}}`
	purchase := `{"id":"%","kind":"stock.purchase","actor":"ada@northwind.example","preview":"TOKEN","body":{"contract":"C-NORTH","account":"northwind","product":"pro","quantity":2}}`
	price := strings.NewReplacer("cat-031", "%", `"term":"120.00"`, `"term":"121.00"`)
	renamed := strings.NewReplacer("cat-031", "%", `accounts@northwind.example`, `ap@northwind.example`)
	contract := lines(t, "../examples/catalog.ndjson")
	var put string
	for _, line := range contract {
		if strings.Contains(line, `"cat-031"`) {
			put = line
		}
	}
	other := `{"id":"%","kind":"stock.purchase","actor":"ada@northwind.example","body":{"contract":"C-NORTH","account":"northwind","product":"basic","quantity":2}}`
	for i, test := range []struct {
		name, command, between string
		stale                  bool
	}{
		{"nothing changes", transfer, "", false},
		{"other stock changes", transfer, other, false},
		{"later stock comes", transfer, strings.Replace(purchase, `"preview":"TOKEN",`, "", 1), false},
		{"the stock changes", transfer, strings.Replace(transfer, `"preview":"TOKEN",`, "", 1), true},
		{"the contract's addresses change", purchase, renamed.Replace(put), false},
		{"the price changes", purchase, price.Replace(put), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			l.t = t
			id := func(line, name string) string { return strings.Replace(line, "%", "t"+string(rune('a'+i))+name, 1) }
			p, err := l.client.Preview(t.Context(), parse(t, id(test.command, "1")))
			check(t, err)
			if test.between != "" {
				if o := l.run([]jobs.Command{parse(t, id(test.between, "2"))})[0]; o.Status != domain.Applied {
					t.Fatal(text(o.Detail))
				}
			}
			o := l.run([]jobs.Command{parse(t, strings.Replace(id(test.command, "3"), "TOKEN", p.Token, 1))})[0]
			if stale := text(o.Reason) == string(domain.PreviewStale); stale != test.stale {
				t.Errorf("stale is %v: %s %s", stale, o.Status, text(o.Detail))
			}
		})
	}
	t.Run("a token of other content", func(t *testing.T) {
		l.t = t
		p, err := l.client.Preview(t.Context(), parse(t, strings.Replace(transfer, "%", "x1", 1)))
		check(t, err)
		more := strings.NewReplacer("%", "x2", "TOKEN", p.Token, `"quantity":2`, `"quantity":3`).Replace(transfer)
		if o := l.run([]jobs.Command{parse(t, more)})[0]; text(o.Reason) != string(domain.PreviewStale) {
			t.Errorf("%s %s", o.Status, text(o.Reason))
		}
	})
}
