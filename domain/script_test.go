package domain_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/model"
	"github.com/licenseledger/licenseledger/internal/model/random"
	"github.com/licenseledger/licenseledger/jobs"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// TestScripts runs the scripts in testdata: commands, and below each, indented,
// what became of it. testdata/README.md describes the language.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts in testdata (%v)", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			s := newScript(t)
			got := s.run(file)
			s.sameInBatches()
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Equal(got, want) {
				return
			}
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Errorf("%s says something else (go test ./domain -update rewrites it):\n%s", file, firstDifference(want, got))
		})
	}
}

func firstDifference(want, got []byte) string {
	w, g := strings.Split(string(want), "\n"), strings.Split(string(got), "\n")
	at := 0
	for at < min(len(w), len(g)) && w[at] == g[at] {
		at++
	}
	context := strings.Join(w[max(0, at-3):at], "\n")
	return context + "\n- " + strings.Join(w[at:min(at+6, len(w))], "\n- ") + "\n+ " + strings.Join(g[at:min(at+6, len(g))], "\n+ ")
}

// script is one file being run.
type script struct {
	t        *testing.T
	file     string
	line     int
	out      bytes.Buffer
	ledger   *model.Ledger
	commands []jobs.Command
	decided  []*domain.Envelope
	bodies   map[string]fields // the last body of a catalog row
	at       time.Time
}

func newScript(t *testing.T) *script {
	s := &script{t: t, ledger: model.New(), bodies: map[string]fields{}, at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	return s
}

func (s *script) run(file string) []byte {
	text, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		s.file, s.line = file, i+1
		if strings.HasPrefix(line, "  ") {
			continue // an expectation
		}
		s.out.WriteString(line + "\n")
		if line != "" && !strings.HasPrefix(line, "#") {
			s.execute(line)
		}
	}
	return bytes.Clone(s.out.Bytes())
}

func (s *script) fatalf(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("%s:%d: "+format, append([]any{s.file, s.line}, args...)...)
}

func (s *script) execute(line string) {
	words := split(line)
	switch words[0] {
	case "include":
		s.include(words[1])
	case "at":
		at, err := time.Parse(time.RFC3339Nano, words[1])
		if err != nil {
			s.fatalf("%s", err)
		}
		s.at = at
	case "test-clock":
		s.ledger.Clock = domain.Clock{Now: s.at, Test: true, Unused: len(words) > 1 && words[1] == "unused"}
	case "show":
		s.show(words[1], words[2:])
	case "change":
		s.change(words[1], words[2], words[3:])
	default:
		s.send(words[0], words[1:], fields{})
	}
}

// include runs another file silently; everything in it must be applied.
func (s *script) include(name string) {
	file, line, out := s.file, s.line, bytes.Clone(s.out.Bytes())
	s.run(filepath.Join("testdata", name))
	s.file, s.line = file, line
	for _, o := range s.ledger.Outcomes {
		if o.Status != domain.Applied {
			s.fatalf("%s: %s: %s", name, o.Reason, o.Detail)
		}
	}
	s.out.Reset()
	s.out.Write(out)
}

// change puts a catalog row again with some fields changed.
func (s *script) change(noun, id string, words []string) {
	body, known := s.bodies[noun+".put "+id]
	if !known {
		s.fatalf("no %s %s has been put", noun, id)
	}
	s.send(noun+".put", words, body)
}

// send executes one command: KIND [ID] [by=USER] [for=CUSTOMER] [via=SOURCE] FIELD=VALUE….
func (s *script) send(kindName string, words []string, old fields) {
	kind, known := jobs.KindNamed(kindName)
	if !known {
		s.fatalf("no kind %s", kindName)
	}
	c := jobs.Command{ID: shortID(len(s.decided) + 1), Kind: kindName, Source: domain.DefaultSource}
	if len(words) > 0 && !strings.Contains(words[0], "=") {
		c.ID, words = words[0], words[1:]
	}
	body := old.with(boring(kindName))
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "by":
			c.Actor = domain.UserID(value)
		case "for":
			c.OnBehalfOf = domain.AccountID(value)
		case "via":
			c.Source = value
		default:
			body[name] = value
		}
	}
	c.Body = body.json(kind.Fields())
	applied := s.decide(c, kind.Class == domain.Catalog)
	if applied && kind.Class == domain.Catalog {
		s.bodies[kindName+" "+body["id"]] = body
	}
}

func (s *script) decide(c jobs.Command, quiet bool) (applied bool) {
	e := random.Envelope(c, int64(len(s.decided)+1), s.at)
	s.commands, s.decided = append(s.commands, c), append(s.decided, e)
	mails := len(s.ledger.Mail)
	o := s.ledger.Execute([]*domain.Envelope{e})[0]
	s.showOutcome(o, quiet)
	for _, m := range s.ledger.Mail[mails:] {
		s.say("mail %s to %s", m.Event, m.Recipient)
	}
	for _, wrong := range s.ledger.Check() {
		s.fatalf("%s", wrong)
	}
	return o.Status == domain.Applied
}

// sameInBatches decides everything again, in batches as large as can be: the
// rows must come out the same.
func (s *script) sameInBatches() {
	again := model.New()
	again.Clock = s.ledger.Clock
	for from := 0; from < len(s.decided); {
		to := from + 1
		class := domain.ClassOf(s.decided[from].Kind)
		for to < len(s.decided) && class != domain.Control && domain.ClassOf(s.decided[to].Kind) == class {
			to++
		}
		if class != domain.Control {
			again.Execute(s.decided[from:to])
		} else { // where the clock stood before is not known any more
			again.LastNo++
			again.Outcomes = append(again.Outcomes, s.ledger.Outcomes[from])
			again.History = append(again.History, historyOf(s.ledger, s.ledger.Outcomes[from].No)...)
		}
		from = to
	}
	if diff := model.Differences("one by one", s.ledger.Tables(), "in batches", again.Tables()); diff != "" {
		s.t.Errorf("%s: batches change what comes out:\n%s", s.file, diff)
	}
}

func historyOf(l *model.Ledger, no int64) []domain.HistoryEntry {
	var entries []domain.HistoryEntry
	for _, h := range l.History {
		if h.No == no {
			entries = append(entries, h)
		}
	}
	return entries
}
