package domain

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Command is one instruction: what it reads, and the rule that decides it.
type Command interface {
	Kind() string
	// Reads names what the command locks and reads. It sees the catalog and
	// columns that never change, nothing else.
	Reads(*State, *Envelope, *Keys)
	// Decide refuses, or changes the state. It has nothing but memory.
	Decide(*Decision)
	// Doc says what comes of it, for those who send it.
	Doc() Doc
}

// Envelope is a command with who sent it.
type Envelope struct {
	Seq        int64 // of the journal
	Source     string
	ID         string
	Kind       string
	Actor      UserID
	OnBehalfOf AccountID
	Preview    string // token of the preview that upstream has seen
	Hash       []byte // of the canonical content
	AcceptedAt time.Time
	After      int64 // the command of the journal that must be decided before, if any
	Command    Command
	Invalid    string // why the body could not be read; Command is nil then
}

// Base is what ids derived from the command begin with. The separator is
// outside the alphabet of ids, so two sources never collide.
func (e *Envelope) Base() string {
	if e.Source == DefaultSource {
		return e.ID
	}
	return e.Source + "~" + e.ID
}

// DefaultSource is the source of commands that name none.
const DefaultSource = "default"

// Status of an outcome.
type Status string

// What becomes of a command.
const (
	Applied  Status = "applied"
	Rejected Status = "rejected"
)

// Outcome is what became of a command.
type Outcome struct {
	Seq     int64
	No      int64
	Status  Status
	Reason  Reason
	Detail  string
	Summary string // for the history: what happened, in a sentence
	At      time.Time
	Result  json.RawMessage
}

// SubscriptionResult is a subscription after the command.
type SubscriptionResult struct {
	Subscription SubscriptionID `json:"subscription"`
	Plan         Plan           `json:"plan"`
	Seats        int64          `json:"seats"`
	Cap          *int64         `json:"cap"`
	TermStartsOn Date           `json:"term_starts_on"`
	TermEndsOn   Date           `json:"term_ends_on"`
}

// ContractResult is the terms that a preview shows.
type ContractResult struct {
	Contract ContractID `json:"contract"`
	Reseller AccountID  `json:"reseller"`
	Currency Currency   `json:"currency"`
	EndsOn   Date       `json:"ends_on"`
}

// Result names what an applied command created or changed.
type Result struct {
	Order    OrderID         `json:"order,omitempty"`
	Stock    []StockResult   `json:"stock,omitempty"`
	Licenses []LicenseResult `json:"licenses,omitempty"`
	Charges  []ChargeResult  `json:"charges,omitempty"`

	Subscription *SubscriptionResult `json:"subscription,omitempty"`
	Contract     *ContractResult     `json:"contract,omitempty"` // previews only
}

// StockResult is a lot after the command.
type StockResult struct {
	Lot       LotID     `json:"lot"`
	Account   AccountID `json:"account"`
	Product   ProductID `json:"product"`
	Remaining int64     `json:"remaining"`
	ExpiresOn Date      `json:"expires_on"`
}

// LicenseResult is a batch of licenses after the command.
type LicenseResult struct {
	License   LicenseID `json:"license"`
	Account   AccountID `json:"account"`
	Product   ProductID `json:"product"`
	Quantity  int64     `json:"quantity"`
	StartsOn  Date      `json:"starts_on"`
	ExpiresOn Date      `json:"expires_on"`
}

// ChargeResult is an amount that the command caused.
type ChargeResult struct {
	Product   ProductID `json:"product"`
	Quantity  int64     `json:"quantity"`
	UnitPrice Price     `json:"unit_price"`
	Amount    string    `json:"amount"`
	Currency  Currency  `json:"currency"`
}

// Decision is one command being decided: who acts, when, and what it has said so far.
type Decision struct {
	*State
	*Envelope
	No int64
	At time.Time // the instant at which it takes effect

	actor    User
	acting   Account // the actor's account, or the managed customer
	managing bool

	previewing bool

	rejection *Rejection
	result    Result
	first     json.RawMessage // the result of an earlier command that this one repeats
	detail    string
	summary   string
	concerned []AccountID
	made      int // holdings, for their ids
	facts     int // movements and charges, for their keys
	mails     int
}

// Step is a command of a batch with what the store found for it.
type Step struct {
	Envelope *Envelope
	Keys     *Keys
	Names    Names
	No       int64
}

// DecideAll decides the commands of a batch in order, each seeing what the ones
// before it changed.
func DecideAll(s *State, steps []Step) []Outcome {
	outcomes := make([]Outcome, len(steps))
	for i, step := range steps {
		before := s.Facts
		d := s.decide(step)
		if step.Envelope.Preview != "" && step.Envelope.Preview != d.token() {
			d.refuse(PreviewStale, "what the preview showed has changed since, or it was of another command")
		}
		if d.refused() {
			s.rollback(before)
		}
		d.writeHistory(step.Names)
		outcomes[i] = d.outcome()
	}
	return outcomes
}

func (s *State) decide(step Step) *Decision {
	s.log.undo, s.log.relied = s.log.undo[:0], nil
	d := &Decision{State: s, Envelope: step.Envelope, No: step.No}
	d.At = s.effectiveAt(step)
	if d.Command == nil {
		d.refuse(Invalid, "%s", d.Invalid)
		return d
	}
	acts, refusal := d.act(), s.Admit(step.Envelope)
	switch {
	case refusal != nil:
		d.refuse(refusal.Reason, "%s", refusal.Detail)
	case acts:
		d.Command.Decide(d)
	}
	return d
}

// effectiveAt is the instant of acceptance, but never before the last change of
// what the command touches.
func (s *State) effectiveAt(step Step) time.Time {
	at, keys, names := step.Envelope.AcceptedAt, step.Keys, step.Names
	raise := func(changedAt time.Time) {
		if changedAt.After(at) {
			at = changedAt
		}
	}
	for _, id := range names.Accounts {
		raise(s.Accounts.rows[id].ChangedAt)
	}
	for _, id := range names.Contracts {
		raise(s.Contracts.rows[id].ChangedAt)
	}
	for _, id := range names.Products {
		raise(s.Products.rows[id].ChangedAt)
	}
	for _, id := range keys.Orders {
		raise(s.Orders.rows[id].ChangedAt)
	}
	for _, id := range keys.Lots {
		raise(s.Lots.rows[id].ChangedAt)
	}
	for _, id := range keys.Licenses {
		raise(s.Licenses.rows[id].ChangedAt)
	}
	for _, id := range keys.Deployments {
		raise(s.Deployments.rows[id].ChangedAt)
	}
	for _, id := range keys.Subscriptions {
		raise(s.Subscriptions.rows[id].ChangedAt)
	}
	today := DateIn(step.Envelope.AcceptedAt, ZoneFarthestAhead)
	for pool, quantity := range keys.Stock {
		for l := range s.Stock.rows(pool) {
			if quantity <= 0 {
				break
			}
			raise(l.ChangedAt)
			quantity -= surely(l.Remaining, l.ExpiresOn > today)
		}
	}
	for pool, quantity := range keys.Held {
		for l := range s.Held.rows(pool) {
			if quantity <= 0 {
				break
			}
			raise(l.ChangedAt)
			quantity -= surely(l.Available(), l.ExpiresOn > today)
		}
	}
	for _, contract := range s.contractsOf(step) {
		at = s.afterSealed(contract, at)
	}
	return at
}

// contractsOf are the contracts whose months a command writes into.
func (s *State) contractsOf(step Step) []ContractID {
	contracts := slices.Clone(step.Names.Contracts)
	for _, id := range step.Keys.Orders {
		contracts = append(contracts, s.Orders.rows[id].Contract)
	}
	for _, id := range step.Keys.Licenses {
		contracts = append(contracts, s.Licenses.rows[id].Contract)
	}
	for _, id := range step.Keys.Subscriptions {
		contracts = append(contracts, s.Subscriptions.rows[id].Contract)
	}
	return contracts
}

// ZoneFarthestAhead is where a day begins first.
var ZoneFarthestAhead = time.FixedZone("UTC+14", 14*60*60)

// surely is what a row counts towards a quantity that is taken from rows in
// order. Rows beyond the quantity are not touched by the command; how many of
// them are loaded differs from batch to batch.
func surely(has int64, unexpired bool) int64 {
	if unexpired {
		return has
	}
	return 0
}

// afterSealed keeps what comes late out of closed months: it takes effect on the
// first open day.
func (s *State) afterSealed(id ContractID, at time.Time) time.Time {
	through, contract := s.sealed[id], s.Contracts.rows[id]
	if through == 0 || contract.Contract == "" || contract.Today(at) > through {
		return at
	}
	return (through + 1).StartIn(contract.Zone()).UTC()
}

func (d *Decision) outcome() Outcome {
	o := Outcome{Seq: d.Seq, No: d.No, At: d.At}
	if d.refused() {
		// It changed nothing, so nothing can have held it back.
		o.At = d.AcceptedAt
		o.Status, o.Reason, o.Detail = Rejected, d.rejection.Reason, d.rejection.Detail
		return o
	}
	o.Status, o.Detail, o.Summary, o.Result = Applied, d.detail, d.summary, d.first
	if !d.previewing {
		d.result.Contract = nil
	}
	if o.Result == nil {
		o.Result = mustJSON(d.result)
	}
	return o
}

// concern shows the command in an account's history.
func (d *Decision) concern(id AccountID) { d.concerned = append(d.concerned, id) }

// writeHistory shows the command to the actor's account and to those it concerns (rules 44 and 45).
func (d *Decision) writeHistory(names Names) {
	if d.actor.Account != "" {
		d.concern(d.actor.Account)
	}
	if d.managing {
		d.concern(d.acting.Account)
	}
	if !NeedsActor(d.Kind) {
		for _, id := range names.Accounts {
			if _, exists := d.Accounts.rows[id]; exists {
				d.concern(id)
			}
		}
	}
	shown := map[AccountID]bool{}
	for _, id := range d.concerned {
		if !shown[id] {
			shown[id] = true
			d.History = append(d.History, HistoryEntry{Account: id, No: d.No, Seq: d.Seq})
		}
	}
}

// holdingID names the next lot or batch of licenses the command makes, so that
// a replay names the same.
func (d *Decision) holdingID() string {
	d.made++
	return fmt.Sprintf("%s~%d", d.Base(), d.made)
}

func (d *Decision) nextFact() int64 {
	d.facts++
	return int64(d.facts)
}

func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // results are plain structs
	}
	return b
}

// Doc is what upstreams want to know of a kind beyond its fields.
type Doc struct {
	Results string // members of the result
	// Reasons are its own; those of every command and of every actor come on top.
	Reasons []Reason
}

// termReasons are what a contract's terms refuse (rules 2, 4 and 5).
var termReasons = []Reason{ContractInactive, ProductNotInContract, PlanNotInContract, PurchaseOrderRequired, QuantityBelowMinimum}

// ReasonsOf lists every reason that a kind can give, in order of precedence.
func ReasonsOf(c Command) []Reason {
	reasons := []Reason{Invalid, SignatureInvalid, OutOfScope, IDReused}
	class := ClassOf(c.Kind())
	if class != Control {
		reasons = append(reasons, PreviewStale, ActorNotFound)
	}
	if class == Business {
		reasons = append(reasons, AccountNotFound, PermissionDenied)
		if acting, _ := MayAct(c.Kind()); slices.Contains(acting, Customer) { // on behalf of what is no direct customer
			reasons = append(reasons, NotOwnCustomer)
		} else {
			reasons = append(reasons, ManagingMode)
		}
	}
	reasons = append(reasons, c.Doc().Reasons...)
	slices.SortFunc(reasons, func(a, b Reason) int { return precedence[a] - precedence[b] })
	return slices.Compact(reasons)
}
