package jobs_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

// payload is a command as an earlier version accepted it: as upstream wrote it,
// as the journal keeps it, and the hash that tells its replays from other content.
type payload struct {
	Command json.RawMessage `json:"command"`
	Journal json.RawMessage `json:"journal,omitempty"`
	Hash    string          `json:"hash,omitempty"`
}

// TestQueuedCommandsOutliveDeployments: what was accepted before must be read
// tomorrow, with the same hash. So lines are added to testdata/payloads, but
// never changed: a line with a command alone is completed by -update.
func TestQueuedCommandsOutliveDeployments(t *testing.T) {
	t.Parallel()
	for _, kind := range jobs.Kinds {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("testdata/payloads", kind.Name+".ndjson")
			if _, err := os.Stat(file); err != nil {
				t.Fatalf("%s has no payloads: write commands with every field to %s, one {\"command\":…} a line, and run go test ./jobs -update", kind.Name, file)
			}
			var out strings.Builder
			given := map[string]bool{}
			for i, line := range lines(t, file) {
				var p payload
				check(t, json.Unmarshal([]byte(line), &p))
				readPayload(t, fmt.Sprintf("%s:%d", file, i+1), kind, &p, given)
				out.WriteString(unescaped(t, p) + "\n")
			}
			for _, f := range kind.Fields() {
				if !given[f.Name] {
					t.Errorf("no payload of %s has the field %s", kind.Name, f.Name)
				}
			}
			if *update && !t.Failed() {
				check(t, os.WriteFile(file, []byte(out.String()), 0o644))
			}
		})
	}
}

func readPayload(t *testing.T, where string, kind jobs.Kind, p *payload, given map[string]bool) {
	t.Helper()
	c, problems := jobs.Parse(p.Command)
	if len(problems) > 0 || c.Kind != kind.Name {
		t.Errorf("%s: a %s: %v", where, c.Kind, problems)
		return
	}
	var fields map[string]any
	check(t, json.Unmarshal(c.Body, &fields))
	for name := range fields {
		given[name] = true
	}
	body, hash := c.Stored()
	if p.Hash == "" && *update {
		p.Journal, p.Hash = body, hex.EncodeToString(hash)
	}
	if hex.EncodeToString(hash) != p.Hash {
		t.Errorf("%s: the hash is %x now: a replay of this command would be refused as other content\nbody: %s", where, hash, body)
	}
	row := store.JournalRow{ID: c.ID, Source: c.Source, Kind: c.Kind, Actor: string(c.Actor), OnBehalfOf: string(c.OnBehalfOf)}
	row.Body = p.Command
	var whole struct{ Body json.RawMessage }
	check(t, json.Unmarshal(p.Command, &whole))
	row.Body = whole.Body
	written := jobs.Envelope(row)
	row.Body = p.Journal
	read := jobs.Envelope(row)
	if read.Invalid != "" || !reflect.DeepEqual(read.Command, written.Command) {
		t.Errorf("%s: the journal's body is read as %+v %s, not as %+v", where, read.Command, read.Invalid, written.Command)
	}
}

func unescaped(t *testing.T, p payload) string {
	t.Helper()
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	check(t, encoder.Encode(p))
	return strings.TrimSpace(b.String())
}

// A list that is required may be empty: a user without roles, a contract under
// which nobody may create.
func TestEmptyListsAreKept(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		`{"id":"1","kind":"user.put","body":{"id":"a@b.example","account":"b","name":"A","roles":[]}}`,
		`{"id":"2","kind":"contract.put","body":{"id":"C","seller":"s","reseller":"r","starts_on":"2026-01-01","currency":"EUR","time_zone":"Europe/Dublin","finance_emails":["a@b.example"],"create_permission":[],"products":[]}}`,
	} {
		c := parse(t, line)
		body, _ := c.Stored()
		row := store.JournalRow{ID: c.ID, Source: c.Source, Kind: c.Kind, Body: body}
		if read := jobs.Envelope(row); read.Invalid != "" {
			t.Errorf("%s\nis kept as\n%s\nwhich is %s", line, body, read.Invalid)
		}
	}
}
