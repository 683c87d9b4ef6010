package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/cmdline"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

// note says on stderr what went well.
func (a *app) note(format string, args ...any) { fmt.Fprintf(a.err, format+"\n", args...) }

// done says on stderr what went well, and with --json on stdout as well.
func (a *app) done(what map[string]any, format string, args ...any) error {
	a.note(format, args...)
	if !a.json {
		return nil
	}
	return written(newEncoder(a.out).Encode(what))
}

// waitingOutcome is all that is known of a command without an outcome.
type waitingOutcome struct {
	ID     string        `json:"id"`
	Status domain.Status `json:"status"`
}

func newEncoder(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder
}

// printOutcomes writes outcomes as JSON, one a line.
func (a *app) printOutcomes(outcomes []jobs.Outcome) error {
	out := bufio.NewWriterSize(a.out, 64<<10)
	var head bytes.Buffer
	encoder := newEncoder(&head)
	for _, o := range outcomes {
		head.Reset()
		if err := encodeOutcome(out, &head, encoder, o); err != nil {
			return err
		}
	}
	return written(out.Flush())
}

// encodeOutcome writes a result as it is stored, which is JSON on one line. To
// encode it again takes longer than all else here.
func encodeOutcome(out *bufio.Writer, head *bytes.Buffer, encoder *json.Encoder, o jobs.Outcome) error {
	result := o.Result
	o.Result = nil
	line := any(o)
	if o.Status == store.Waiting {
		line, result = waitingOutcome{ID: o.ID, Status: o.Status}, nil
	}
	if err := encoder.Encode(line); err != nil {
		return fmt.Errorf("reading the outcome of %s: %w", o.ID, err)
	}
	if result == nil {
		_, err := out.Write(head.Bytes())
		return written(err)
	}
	const noResult = "null}\n" // the last field
	_, _ = out.Write(bytes.TrimSuffix(head.Bytes(), []byte(noResult)))
	_, _ = out.Write(result)
	_, err := out.WriteString("}\n") // says what went wrong before, too
	return written(err)
}

func written(err error) error {
	if err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	return nil
}

// showOutcome shows one outcome: for people on a terminal, else as JSON.
func (a *app) showOutcome(o jobs.Outcome) error {
	if a.json || terminal(a.out) == 0 {
		return a.printOutcomes([]jobs.Outcome{o})
	}
	return a.describeOutcome(o, terminal(a.out))
}

// describeOutcome shows an outcome to people.
func (a *app) describeOutcome(o jobs.Outcome, width int) error {
	out := bufio.NewWriter(a.out)
	fmt.Fprintf(out, "%s %s: %s", o.Kind, o.ID, a.coloured(o.Status))
	if o.Reason != nil {
		fmt.Fprintf(out, " (%s)", *o.Reason)
	}
	fmt.Fprintln(out)
	if o.Detail != nil {
		fmt.Fprintln(out, *o.Detail)
	}
	if o.At != nil {
		fmt.Fprintln(out, "at "+o.At.Format(time.RFC3339))
	}
	r, err := o.Read()
	if err != nil {
		return err
	}
	if r.Order != "" {
		fmt.Fprintln(out, "order "+r.Order)
	}
	if r.Subscription != nil {
		part(out, "subscription", width, []jobs.SubscriptionNow{*r.Subscription})
	}
	part(out, "stock", width, r.Stock)
	part(out, "licenses", width, r.Licenses)
	part(out, "charges", width, r.Charges)
	return written(out.Flush())
}

// coloured is a status as a terminal with colours shows it.
func (a *app) coloured(status domain.Status) string {
	code, ok := map[domain.Status]string{domain.Applied: "32", domain.Rejected: "33", store.Dead: "31"}[status] // green, yellow, red
	if !ok || !cmdline.Colours(a.out) {
		return string(status)
	}
	return "\x1b[" + code + "m" + string(status) + "\x1b[0m"
}

func part[R any](out io.Writer, title string, width int, rows []R) {
	if len(rows) > 0 {
		fmt.Fprintf(out, "\n%s\n", title)
		newTable[R](out, width).print(rows)
	}
}
