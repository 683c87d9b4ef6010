package jobs_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/licenseledger/licenseledger/jobs"
)

func productNamed(name string) string {
	return `{"id":"p","kind":"product.put","body":{"id":"pro","name":` + name + `,"package":"starter"}}`
}

// What a decoder would silently replace is neither kept nor changed: it is refused.
func TestTextThatIsNotUnicodeIsRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{`"a\ud800"`, `"\udc00b"`, `"\ud800\ud800"`, `"\uDFFF\uD83D"`, `"\ud83d\\ude00"`, `"\\\ud800"`} {
		_, problems := jobs.Parse([]byte(productNamed(name)))
		if want := "name: has half of a surrogate pair (\\ud800 to \\udfff), which is no character"; problems.Error() != want {
			t.Errorf("%s: %v", name, problems)
		}
	}
	for name, want := range map[string]string{
		`"\ud83d\ude00"`: "\U0001F600", `"\\ud800"`: `\ud800`, `"\ufffd"`: "\uFFFD", "\"\uFFFD\\n\"": "", `"\\\ud83d\ude00"`: "\\\U0001F600",
	} {
		c, problems := jobs.Parse([]byte(productNamed(name)))
		if want == "" {
			continue // the newline is refused; that it is read at all is what matters
		}
		var kept struct{ Name string }
		body, _ := c.Stored()
		check(t, json.Unmarshal(body, &kept))
		if len(problems) > 0 || kept.Name != want {
			t.Errorf("%s is kept as %q: %v", name, kept.Name, problems)
		}
	}
	for _, c := range []jobs.Command{
		{ID: "p", Kind: "product.put", Body: []byte("{\"id\":\"pro\",\"name\":\"a\xff\",\"package\":\"starter\"}")},
		{ID: "p", Kind: "product.put", Preview: "\xff", Body: []byte(`{"id":"pro","name":"a","package":"starter"}`)},
	} {
		if problems := c.Check(); len(problems) != 1 || !strings.Contains(problems.Error(), "is not UTF-8 text") {
			t.Errorf("%q %s: %v", c.Preview, c.Body, problems)
		}
	}
}

// padded is a command with spaces to a length, inside its body or behind it.
func padded(line string, length int, inside bool) []byte {
	spaces := strings.Repeat(" ", length-len(line))
	if inside {
		return []byte(strings.TrimSuffix(line, "}}") + spaces + "}}")
	}
	return []byte(line + spaces)
}

// The whole command counts, as upstream wrote it.
func TestSizesOfCommands(t *testing.T) {
	t.Parallel()
	const business = `{"id":"s","kind":"subscription.end","actor":"a@b.example","body":{"subscription":"s"}}`
	catalog := productNamed(`"Pro"`)
	for _, inside := range []bool{true, false} {
		for line, limit := range map[string]int{business: 64 << 10, catalog: 1 << 20} {
			if _, problems := jobs.Parse(padded(line, limit, inside)); len(problems) > 0 {
				t.Errorf("%d bytes: %v", limit, problems)
			}
			_, problems := jobs.Parse(padded(line, limit+1, inside))
			if len(problems) != 1 || problems[0].Field != "line" || !strings.Contains(problems[0].What, fmt.Sprintf("at most %d", limit)) {
				t.Errorf("%d bytes: %v", limit+1, problems)
			}
		}
	}
}

// However much is wrong with a command, what is said about it is short.
func TestWhatIsSaidIsShort(t *testing.T) {
	t.Parallel()
	many := func(element string) string {
		return strings.TrimSuffix(strings.Repeat(element+",", (1<<20-2000)/(len(element)+1)), ",")
	}
	unknown := &strings.Builder{}
	for i := 0; unknown.Len() < 1<<20-2000; i++ {
		fmt.Fprintf(unknown, `,"x%d":1`, i)
	}
	long := strings.Repeat("9", 1<<20-2000)
	for name, line := range map[string]string{
		"wrong elements":     contractText(`"finance_emails":[` + many("0") + `]`),
		"wrong products":     contractText(`"products":[` + many(`{"product":"~","prices":{}}`) + `]`),
		"twice":              contractText(`"products":[` + many(`{"product":"p","prices":{"x":1}}`) + `]`),
		"unknown fields":     `{"id":"p","kind":"product.put","body":{"id":"pro","name":"a","package":"starter"` + unknown.String() + `}}`,
		"unknown envelope":   `{"id":"p","kind":"product.put","body":{"id":"pro","name":"a","package":"starter"}` + unknown.String() + `}`,
		"a long price":       contractText(`"products":[{"product":"p","prices":{"term":"` + long + `"}}]`),
		"a long number":      contractText(`"products":[{"product":"p","prices":{"term":` + long + `}}]`),
		"a long date":        contractText(`"starts_on":"` + long + `"`),
		"a long time zone":   contractText(`"time_zone":"` + long + `"`),
		"a long word":        contractText(`"day_count":"` + long + `"`),
		"a long id":          contractText(`"id":"` + long + `"`),
		"a long kind":        `{"id":"p","kind":"` + long + `","body":{}}`,
		"a long amount":      `{"id":"p","kind":"charge.correct","body":{"contract":"c","account":"a","period":"2026-01","why":"w","amount":"` + long + `"}}`,
		"a long period":      `{"id":"p","kind":"charge.correct","body":{"contract":"c","account":"a","period":"` + long + `","why":"w","amount":"1"}}`,
		"a long rate":        `{"id":"p","kind":"tax.put","body":{"country":"DE","rate":"` + long + `","from":"2026-01-01"}}`,
		"deep nesting":       `{"id":"p","kind":"product.put","body":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`,
		"too deep nesting":   `{"id":"p","kind":"product.put","body":` + strings.Repeat("[", 500_000) + `}`,
		"a name of marks":    productNamed(`"` + strings.Repeat("\u0301", 500_000) + `"`),
		"escaped everywhere": productNamed(`"` + strings.Repeat(`\u0000`, 170_000) + `"`),
	} {
		began := time.Now()
		_, problems := jobs.Parse([]byte(line))
		if said := problems.Error(); len(line) > 1<<20 || len(problems) == 0 || len(said) > longestMessage {
			t.Errorf("%s: %d bytes are said about %d: %.300s", name, len(said), len(line), said)
		}
		if took := time.Since(began); took > 15*time.Second { // it is a quarter of a second
			t.Errorf("%s took %s", name, took)
		}
	}
}

func contractText(field string) string {
	return `{"id":"c","kind":"contract.put","body":{` + field + `,"seller":"s","reseller":"r","currency":"EUR","create_permission":[]}}`
}

// A task of nothing but nonsense is no half a million rows of refusals.
func TestNonsenseInATaskIsCounted(t *testing.T) {
	t.Parallel()
	good := productNamed(`"Pro"`)
	got := jobs.Unload([]byte(strings.Repeat("{\n", 300_000)+good), "task", "", "", false)
	if len(got.Unsigned) != 1 || len(got.Refused) != jobs.MostUnreadable+1 {
		t.Errorf("%d commands and %d refusals", len(got.Unsigned), len(got.Refused))
	}
	if last := got.Details[len(got.Details)-1]; last != "299000 more lines cannot be read" {
		t.Error(last)
	}
}

// A doorbell names as many rows as a client packs into one, and nothing else.
func TestSizesOfRings(t *testing.T) {
	t.Parallel()
	ring := func(n int) []byte {
		return []byte("[" + strings.TrimSuffix(strings.Repeat("9223372036854775807,", n), ",") + "]")
	}
	if seqs, ok := jobs.Rung(ring(jobs.DefaultBatchCap)); !ok || len(seqs) != jobs.DefaultBatchCap {
		t.Errorf("%d rows", len(seqs))
	}
	for _, payload := range [][]byte{ring(jobs.DefaultBatchCap + 1), []byte("[" + strings.Repeat("1,", jobs.DefaultBatchCap) + "1]"), []byte(`["1"]`), []byte(`{}`), nil} {
		if seqs, ok := jobs.Rung(payload); ok {
			t.Errorf("%.30q rings for %d rows", payload, len(seqs))
		}
	}
}
