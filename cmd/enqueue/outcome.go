package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

// note says on stderr what went well.
func (a *app) note(format string, args ...any) { fmt.Fprintf(a.err, format+"\n", args...) }

// waitingOutcome is all that is known of a command without an outcome.
type waitingOutcome struct {
	ID     string        `json:"id"`
	Status domain.Status `json:"status"`
}

func lineOf(o jobs.Outcome) any {
	if o.Status == store.Waiting {
		return waitingOutcome{ID: o.ID, Status: o.Status}
	}
	return o
}

func newEncoder(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder
}

// printOutcomes writes outcomes as JSON, one a line.
func (a *app) printOutcomes(outcomes []jobs.Outcome) error {
	out := bufio.NewWriter(a.out)
	encoder := newEncoder(out)
	for _, o := range outcomes {
		if err := encoder.Encode(lineOf(o)); err != nil {
			return fmt.Errorf("reading the outcome of %s: %w", o.ID, err)
		}
	}
	return written(out.Flush())
}

func written(err error) error {
	if err != nil {
		return fmt.Errorf("reading on ended at stdout: %w", err)
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

// result is what outcomes of any kind may show, as a table each.
type result struct {
	Order        string           `json:"order"`
	Subscription *subscriptionNow `json:"subscription"`
	Stock        []stockNow       `json:"stock"`
	Licenses     []licenseNow     `json:"licenses"`
	Charges      []chargeNow      `json:"charges"`
}

type stockNow struct {
	Lot       string      `json:"lot"`
	Account   string      `json:"account"`
	Product   string      `json:"product"`
	Remaining int64       `json:"remaining"`
	ExpiresOn domain.Date `json:"expires_on"`
}

type licenseNow struct {
	License   string      `json:"license"`
	Account   string      `json:"account"`
	Product   string      `json:"product"`
	Quantity  int64       `json:"quantity"`
	StartsOn  domain.Date `json:"starts_on"`
	ExpiresOn domain.Date `json:"expires_on"`
}

type chargeNow struct {
	Product   string      `json:"product"`
	Quantity  int64       `json:"quantity"`
	UnitPrice store.Money `json:"unit_price"`
	Amount    store.Money `json:"amount"`
	Currency  string      `json:"currency"`
}

type subscriptionNow struct {
	Subscription string      `json:"subscription"`
	Plan         string      `json:"plan"`
	Seats        int64       `json:"seats"`
	Cap          *int64      `json:"cap"`
	TermStartsOn domain.Date `json:"term_starts_on"`
	TermEndsOn   domain.Date `json:"term_ends_on"`
}

// describeOutcome shows an outcome to people.
func (a *app) describeOutcome(o jobs.Outcome, width int) error {
	out := bufio.NewWriter(a.out)
	fmt.Fprintf(out, "%s %s: %s", o.Kind, o.ID, o.Status)
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
	var r result
	if len(o.Result) > 0 {
		if err := json.Unmarshal(o.Result, &r); err != nil {
			return fmt.Errorf("reading the outcome of %s: %w", o.ID, err)
		}
	}
	if r.Order != "" {
		fmt.Fprintln(out, "order "+r.Order)
	}
	if r.Subscription != nil {
		part(out, "subscription", width, []subscriptionNow{*r.Subscription})
	}
	part(out, "stock", width, r.Stock)
	part(out, "licenses", width, r.Licenses)
	part(out, "charges", width, r.Charges)
	return written(out.Flush())
}

func part[R any](out io.Writer, title string, width int, rows []R) {
	if len(rows) > 0 {
		fmt.Fprintf(out, "\n%s\n", title)
		newTable[R](out, width).print(rows)
	}
}
