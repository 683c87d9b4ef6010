package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// What can have become of a command.
const (
	Applied  = domain.Applied
	Rejected = domain.Rejected // by a rule; Reason says which
	Dead     = store.Dead      // a technical failure that needs the operator
	Waiting  = store.Waiting   // there is no outcome yet
)

// Outcome is what became of a command, as upstream reads it.
type Outcome struct {
	ID     string          `json:"id"`
	Kind   string          `json:"kind"`
	Status domain.Status   `json:"status"`
	Reason *domain.Reason  `json:"reason"`
	Detail *string         `json:"detail"` // a sentence for people
	At     *time.Time      `json:"at"`     // when it took effect
	Result json.RawMessage `json:"result"` // see Read
}

// ErrNoCommand says that there is no command with that id.
var ErrNoCommand = errors.New("there is no such command")

// Outcome asks what became of a command; of one without an outcome the status is Waiting.
func (c *Client) Outcome(ctx context.Context, source, id string) (Outcome, error) {
	outcome, _, found, err := FindOutcome(ctx, c.store, source, id)
	if err == nil && !found {
		err = fmt.Errorf("command %s of source %s: %w", id, source, ErrNoCommand)
	}
	return outcome, unreachable(err)
}

// FindOutcome finds what became of a command: its outcome, that it waits, or
// that it was refused at the door. seq is its place in the journal, if it has one.
func FindOutcome(ctx context.Context, s *store.Store, source, id string) (o Outcome, seq int64, found bool, err error) {
	entry, found, err := s.Find(ctx, source, id)
	if err != nil {
		return Outcome{}, 0, false, err
	}
	if !found {
		refusal, refused, err := s.LatestRefusal(ctx, source, id)
		return ReadOutcome(id, refusal.Kind, refusal.Outcome), 0, refused, err
	}
	outcomes, err := s.Outcomes(ctx, []int64{entry.Seq})
	if err != nil || len(outcomes) == 0 {
		return Outcome{ID: id, Kind: entry.Kind, Status: store.Waiting}, entry.Seq, true, err
	}
	return ReadOutcome(id, entry.Kind, outcomes[0]), entry.Seq, true, nil
}

// ReadOutcome puts a stored outcome as upstream reads it.
func ReadOutcome(id, kind string, o domain.Outcome) Outcome {
	at := o.At.UTC()
	outcome := Outcome{ID: id, Kind: kind, Status: o.Status, At: &at, Result: o.Result}
	if o.Reason != "" {
		outcome.Reason = &o.Reason
	}
	if o.Detail != "" {
		outcome.Detail = &o.Detail
	}
	return outcome
}

// Result is what outcomes of any kind can tell of the holdings that a command
// made or changed. What does not apply is empty.
type Result struct {
	Order        string           `json:"order"`
	Subscription *SubscriptionNow `json:"subscription"`
	Stock        []StockNow       `json:"stock"`
	Licenses     []LicenseNow     `json:"licenses"`
	Charges      []ChargeNow      `json:"charges"`
}

// StockNow is a lot after a command.
type StockNow struct {
	Lot       string      `json:"lot"`
	Account   string      `json:"account"`
	Product   string      `json:"product"`
	Remaining int64       `json:"remaining"`
	ExpiresOn domain.Date `json:"expires_on"` // the first day after
}

// LicenseNow is a batch of licenses after a command.
type LicenseNow struct {
	License   string      `json:"license"`
	Account   string      `json:"account"`
	Product   string      `json:"product"`
	Quantity  int64       `json:"quantity"`
	StartsOn  domain.Date `json:"starts_on"`
	ExpiresOn domain.Date `json:"expires_on"` // the first day after
}

// Money is an amount with exactly the minor digits of its currency, "12000.00".
type Money = store.Money

// ChargeNow is what a command charges.
type ChargeNow struct {
	Product   string `json:"product"`
	Quantity  int64  `json:"quantity"`
	UnitPrice Money  `json:"unit_price"`
	Amount    Money  `json:"amount"`
	Currency  string `json:"currency"`
}

// SubscriptionNow is a subscription after a command.
type SubscriptionNow struct {
	Subscription string      `json:"subscription"`
	Plan         string      `json:"plan"`
	Seats        int64       `json:"seats"`
	Cap          *int64      `json:"cap"`
	TermStartsOn domain.Date `json:"term_starts_on"`
	TermEndsOn   domain.Date `json:"term_ends_on"`
}

// Read reads the result; that of a command which was not applied is empty.
func (o Outcome) Read() (Result, error) {
	var r Result
	if len(o.Result) == 0 {
		return r, nil
	}
	if err := json.Unmarshal(o.Result, &r); err != nil {
		return r, fmt.Errorf("reading the outcome of %s: %w", o.ID, err)
	}
	return r, nil
}

// RefusedError says that the journal has not taken a command: its source has
// keys, and it is not signed with one of them.
type RefusedError struct{ Outcome Outcome }

func (e *RefusedError) Error() string {
	text := "command " + e.Outcome.ID + " is not accepted"
	if e.Outcome.Reason != nil {
		text += ": " + string(*e.Outcome.Reason)
	}
	if e.Outcome.Detail != nil {
		text += ": " + *e.Outcome.Detail
	}
	return text
}

// ErrUnreachable says that a server cannot be reached. Nothing is known of what
// was under way; sending a command again does no harm.
var ErrUnreachable = errors.New("cannot be reached")

// ErrRedisUnreachable is ErrUnreachable of a RedisClient.
var ErrRedisUnreachable = fmt.Errorf("%s %w", "Redis", ErrUnreachable)

// ErrRedisFull says that a RedisClient's Redis has no memory left for commands.
var ErrRedisFull = fmt.Errorf("%s is full", "Redis")

// unreachable marks the errors of a connection to Postgres.
func unreachable(err error) error {
	if err == nil || errors.Is(err, ErrUnreachable) || !store.Unreachable(err) {
		return err
	}
	return fmt.Errorf("%s %w: %w", "Postgres", ErrUnreachable, err)
}
