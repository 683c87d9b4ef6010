package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/licenseledger/licenseledger/jobs"
)

// oracle remembers, outside of the system, what was sent and what was said about
// it. Each acknowledgement is on the disk before the next command is sent.
type oracle struct {
	mu   sync.Mutex
	file *os.File
	sent map[key]*sent
	list []*sent
}

// key names a command.
type key struct{ source, id string }

// sent is a command that left a client.
type sent struct {
	jobs.Command
	acked   bool
	outcome *jobs.Outcome // told to a client, if any
}

func openOracle(path string) (*oracle, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the oracle: %w", err)
	}
	return &oracle{file: file, sent: map[key]*sent{}}, nil
}

// note is a line of the file.
type note struct {
	What    string          `json:"what"`
	Source  string          `json:"source"`
	ID      string          `json:"id"`
	Kind    string          `json:"kind,omitempty"`
	Actor   string          `json:"actor,omitempty"`
	Body    json.RawMessage `json:"body,omitempty"`
	Outcome *jobs.Outcome   `json:"outcome,omitempty"`
}

// intend notes commands that are about to be sent.
func (o *oracle) intend(commands []jobs.Command) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	var notes []note
	for _, c := range commands {
		k := key{c.Source, c.ID}
		if o.sent[k] != nil {
			continue // sent again
		}
		s := &sent{Command: c}
		o.sent[k], o.list = s, append(o.list, s)
		notes = append(notes, note{What: "sending", Source: c.Source, ID: c.ID, Kind: c.Kind, Actor: string(c.Actor), Body: c.Body})
	}
	return o.write(notes)
}

// acknowledge notes that the journal has commands, and their outcomes if they
// are known. It returns how an outcome differs from one told before.
func (o *oracle) acknowledge(commands []jobs.Command, outcomes []jobs.Outcome) (contradiction string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var notes []note
	for i, c := range commands {
		s := o.sent[key{c.Source, c.ID}]
		if !s.acked {
			s.acked = true
			notes = append(notes, note{What: "accepted", Source: c.Source, ID: c.ID})
		}
		if i >= len(outcomes) || outcomes[i].Status != "applied" && outcomes[i].Status != "rejected" {
			continue
		}
		if s.outcome == nil {
			s.outcome = &outcomes[i]
			notes = append(notes, note{What: "outcome", Source: c.Source, ID: c.ID, Outcome: s.outcome})
		} else if a, b := text(s.outcome), text(&outcomes[i]); a != b {
			contradiction = fmt.Sprintf("command %s of %s was told two outcomes:\n  %s\n  %s", c.ID, c.Source, a, b)
		}
	}
	return contradiction, o.write(notes)
}

func text(o *jobs.Outcome) string {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err) // a plain struct
	}
	return string(b)
}

func (o *oracle) write(notes []note) error {
	if len(notes) == 0 {
		return nil
	}
	encoder := json.NewEncoder(o.file)
	for _, n := range notes {
		if err := encoder.Encode(n); err != nil {
			return fmt.Errorf("writing the oracle: %w", err)
		}
	}
	if err := o.file.Sync(); err != nil {
		return fmt.Errorf("writing the oracle: %w", err)
	}
	return nil
}

// doubtful lists what was sent and never acknowledged.
func (o *oracle) doubtful() []jobs.Command {
	o.mu.Lock()
	defer o.mu.Unlock()
	var list []jobs.Command
	for _, s := range o.list {
		if !s.acked {
			list = append(list, s.Command)
		}
	}
	return list
}

// some returns up to n commands that were sent before, by a choice.
func (o *oracle) some(n int, intN func(int) int) []jobs.Command {
	o.mu.Lock()
	defer o.mu.Unlock()
	var list []jobs.Command
	for range min(n, len(o.list)) {
		list = append(list, o.list[intN(len(o.list))].Command)
	}
	return list
}

// one returns a command that was sent before, and whether it was acknowledged.
func (o *oracle) one(intN func(int) int) (c jobs.Command, acked bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.list[intN(len(o.list))]
	return s.Command, s.acked
}

func (o *oracle) counts() (all, acked int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.list {
		if s.acked {
			acked++
		}
	}
	return len(o.list), acked
}
