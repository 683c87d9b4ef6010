package domain

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// AnnualMonths is the term of annual plans (rule 39).
const AnnualMonths = 12

// StartSubscription gives a customer seats on a plan (rules 37 to 41).
type StartSubscription struct {
	Subscription SubscriptionID `json:"subscription"`
	Contract     ContractID     `json:"contract"`
	Account      AccountID      `json:"account"`
	Product      ProductID      `json:"product"`
	Plan         Plan           `json:"plan"`
	Seats        Quantity       `json:"seats"`
	Cap          *Quantity      `json:"cap,omitempty"`
	Renewal      Renewal        `json:"renewal,omitempty" default:"renew"`
}

func (StartSubscription) Kind() string { return "subscription.start" }

// Doc says what the command gives and what can refuse it.
func (StartSubscription) Doc() Doc {
	return Doc{
		Results: "subscription, charges",
		Reasons: []Reason{ContractNotFound, ProductNotFound, ContractInactive, ProductNotInContract, PlanNotInContract, AlreadyExists, AccountClosed, NotOwnCustomer, TrialAccount, PackageMismatch, PlanMismatch, CapExceeded, ContractLimitExceeded},
	}
}

func (StartSubscription) FieldRules() []FieldRule {
	return []FieldRule{{If: "plan", Is: "flexible", Needs: "cap", What: "is required for a flexible subscription"}}
}

func (b StartSubscription) Reads(s *State, _ *Envelope, k *Keys) {
	k.Subscription(s, b.Subscription)
	k.SeatsOf(b.Contract, b.Account)
	k.creates(tableSubscription, string(b.Subscription), Owner{Account: b.Account, Contract: b.Contract, Product: b.Product})
}

func (b StartSubscription) Decide(d *Decision) {
	account, contract, product := d.account(b.Account), d.contract(b.Contract), d.product(b.Product)
	if d.refused() {
		return
	}
	d.needCreatePermission(contract)
	d.needActive(contract)
	price := d.price(contract, b.Product, b.Plan)
	if _, exists := d.Subscriptions.Get(b.Subscription); exists {
		d.refuse(AlreadyExists, "subscription %s exists", b.Subscription)
	}
	d.needOwnCustomer(account)
	d.canReceive(account, product)
	b.checkPlan(d)
	d.needSeatLimit(contract, account.Account, int64(b.Seats))
	if b.Cap != nil {
		d.needCapLimit(contract, int64(*b.Cap))
	}
	if d.refused() {
		return
	}
	// From here on the subscription starts.
	x := b.row(contract.Today(d.At), price)
	x.No = d.No
	if b.Plan == Flexible {
		x.NextDueAt = contract.endOfFlexible()
	} else {
		x.NextDueAt = nextDue(x.TermEndsOn, contract.Zone(), renewalReminders, d.At)
		d.TermPrices = append(d.TermPrices, TermPrice{Subscription: x.Subscription, StartsAt: d.At, No: d.No, UnitPrice: price})
	}
	d.use(contract, product, account)
	d.setSeats(x, contract, int64(b.Seats), price)
	d.Seats.insert(d.Subscriptions.rows[x.Subscription])
	if b.Plan == AnnualYearly {
		d.chargeTerm("term", contract, d.Subscriptions.rows[x.Subscription])
	}
	d.summary = fmt.Sprintf("subscription %s started: %d seats of %s for %s, %s", b.Subscription, b.Seats, b.Product, b.Account, b.Plan)
}

func (b StartSubscription) checkPlan(d *Decision) {
	switch {
	case b.Plan == Flexible && b.Renewal == End:
		d.refuse(PlanMismatch, "a flexible subscription has no renewal")
	case b.Plan != Flexible && b.Cap != nil:
		d.refuse(PlanMismatch, "an annual subscription has no cap")
	case b.Plan == Flexible && b.Cap != nil && b.Seats > *b.Cap:
		d.refuse(CapExceeded, "%d seats asked for, the cap is %d", b.Seats, *b.Cap)
	}
}

func (b StartSubscription) row(today Date, price Price) Subscription {
	x := Subscription{
		Subscription: b.Subscription, Contract: b.Contract, Account: b.Account, Product: b.Product, Plan: b.Plan,
		Cap: (*int64)(b.Cap), StartsOn: today, Term: 1, TermStartsOn: today, State: SubscriptionRunning,
	}
	if b.Plan != Flexible {
		x.TermEndsOn, x.Renewal, x.UnitPrice = today.AddMonths(AnnualMonths), b.Renewal, &price
	}
	return x
}

// ChangeSeats adds or removes seats (rules 37 and 39).
type ChangeSeats struct {
	Subscription SubscriptionID `json:"subscription"`
	Delta        Delta          `json:"delta"`
}

func (ChangeSeats) Kind() string { return "seats.change" }

// Doc says what the command gives and what can refuse it.
func (ChangeSeats) Doc() Doc {
	return Doc{
		Results: "subscription, charges",
		Reasons: []Reason{SubscriptionUnknown, ManagingMode, ContractInactive, ProductNotInContract, PlanNotInContract, AccountClosed, NotOwnAccount, NotOwnCustomer, TrialAccount, PackageMismatch, InsufficientAvailable, CapExceeded, ContractLimitExceeded, SeatsCommitted, SubscriptionEnded},
	}
}

func (b ChangeSeats) Reads(s *State, _ *Envelope, k *Keys) { k.Subscription(s, b.Subscription) }

func (b ChangeSeats) Decide(d *Decision) {
	x := d.subscription(b.Subscription)
	if d.refused() {
		return
	}
	contract := d.Contracts.rows[x.Contract]
	d.needOwnOrCustomer(d.Accounts.rows[x.Account])
	if x.Plan == Flexible {
		b.flexible(d, x, contract)
		return
	}
	if b.Delta < 0 {
		d.refuse(SeatsCommitted, "the seats of annual subscription %s are committed until %s", x.Subscription, x.TermEndsOn)
	} else {
		d.needCreatePermission(contract)
		d.checkAnnualSeats(x, contract, int64(b.Delta))
	}
	if d.refused() {
		return
	}
	d.addAnnualSeats(x, contract, int64(b.Delta))
	d.summary = fmt.Sprintf("%d seats added to %s", b.Delta, x.Subscription)
}

// flexible lets seats go up and down under the cap, check and change in one step.
func (b ChangeSeats) flexible(d *Decision, x Subscription, contract Contract) {
	d.needRunning(x)
	var price Price
	if b.Delta > 0 {
		d.needActive(contract)
		price = d.price(contract, x.Product, Flexible)
		d.canReceive(d.Accounts.rows[x.Account], d.Products.rows[x.Product])
		if after := x.Seats + int64(b.Delta); x.Cap != nil && after > *x.Cap {
			d.refuse(CapExceeded, "%d seats would be %d; the cap is %d", b.Delta, after, *x.Cap)
		}
		d.needSeatLimit(contract, x.Account, int64(b.Delta))
	} else if x.Seats+int64(b.Delta) < 0 {
		d.refuse(InsufficientAvailable, "%d seats are to be removed, there are %d", -b.Delta, x.Seats)
	}
	if d.refused() {
		return
	}
	d.setSeats(x, contract, int64(b.Delta), price)
	d.summary = fmt.Sprintf("seats of %s changed by %+d to %d", x.Subscription, b.Delta, x.Seats+int64(b.Delta))
}

// checkAnnualSeats applies what adding seats to an annual subscription needs.
func (d *Decision) checkAnnualSeats(x Subscription, c Contract, n int64) {
	d.needActive(c)
	d.canReceive(d.Accounts.rows[x.Account], d.Products.rows[x.Product])
	d.needRunning(x)
	d.needSeatLimit(c, x.Account, n)
}

// addAnnualSeats adds seats at the term's price; where the year was paid in
// full, for the part of it that is left.
func (d *Decision) addAnnualSeats(x Subscription, c Contract, n int64) {
	price := *x.UnitPrice
	d.setSeats(x, c, n, price)
	if x.Plan != AnnualYearly {
		return
	}
	today := c.Today(d.At)
	left, full := int64(x.TermEndsOn-today), int64(x.TermEndsOn-x.TermStartsOn)
	d.charge("seats", c, x.Account, x.Product, n, price, Charge{FromOn: today, ToOn: x.TermEndsOn - 1, Days: &left, DaysInPeriod: &full})
}

// chargeTerm bills a year in full at its start.
func (d *Decision) chargeTerm(kind string, c Contract, x Subscription) {
	days := int64(x.TermEndsOn - x.TermStartsOn)
	d.charge(kind, c, x.Account, x.Product, x.Seats, *x.UnitPrice,
		Charge{FromOn: x.TermStartsOn, ToOn: x.TermEndsOn - 1, Days: &days, DaysInPeriod: &days})
}

// setSeats changes the seats and keeps the fact for the invoice.
func (d *Decision) setSeats(x Subscription, c Contract, delta int64, price Price) {
	x.Seats += delta
	x.ChangedAt = d.At
	d.Subscriptions.put(x.Subscription, x)
	d.SeatChanges = append(d.SeatChanges, SeatChange{
		Subscription: x.Subscription, EffectiveAt: d.At, EffectiveOn: c.Today(d.At), No: d.No, N: d.nextFact(),
		Delta: delta, SeatsAfter: x.Seats, UnitPrice: price,
	})
	d.showSubscription(x)
}

func (d *Decision) showSubscription(x Subscription) {
	d.result.Subscription = &SubscriptionResult{
		Subscription: x.Subscription, Plan: x.Plan, Seats: x.Seats, Cap: x.Cap, TermStartsOn: x.TermStartsOn, TermEndsOn: x.TermEndsOn,
	}
}

func (d *Decision) needRunning(x Subscription) {
	if x.State != SubscriptionRunning {
		d.refuse(SubscriptionEnded, "subscription %s has ended", x.Subscription)
	}
}

// needSeatLimit applies the contract's maximum per customer to the sum of the
// customer's seats under it (rule 40).
func (d *Decision) needSeatLimit(c Contract, account AccountID, more int64) {
	if c.MaxSeatsPerCustomer == nil {
		return
	}
	var seats int64
	for x := range d.Seats.rows(SeatPool{c.Contract, account}) {
		seats += x.Seats
	}
	d.rely("seats of %s under %s: %d of %d", account, c.Contract, seats, *c.MaxSeatsPerCustomer)
	if seats+more > *c.MaxSeatsPerCustomer {
		d.refuse(ContractLimitExceeded, "%d seats more would be %d; contract %s allows %d per customer", more, seats+more, c.Contract, *c.MaxSeatsPerCustomer)
	}
}

func (d *Decision) needCapLimit(c Contract, limit int64) {
	if c.MaxSeatsPerCustomer != nil && limit > *c.MaxSeatsPerCustomer {
		d.refuse(ContractLimitExceeded, "a cap of %d is above the %d that contract %s allows per customer", limit, *c.MaxSeatsPerCustomer, c.Contract)
	}
}

// RequestSeats asks the reseller for seats on an annual subscription (rule 39).
type RequestSeats struct {
	Subscription SubscriptionID `json:"subscription"`
	Quantity     Quantity       `json:"quantity"`
}

func (RequestSeats) Kind() string { return "seats.request" }

// Doc says what the command gives and what can refuse it.
func (RequestSeats) Doc() Doc {
	return Doc{
		Results: "order",
		Reasons: []Reason{SubscriptionUnknown, ContractInactive, AccountClosed, NotOwnAccount, TrialAccount, PackageMismatch, LinksNotConfigured, PlanMismatch, ContractLimitExceeded, SubscriptionEnded},
	}
}

func (b RequestSeats) Reads(s *State, e *Envelope, k *Keys) {
	owner := k.Subscription(s, b.Subscription)
	owner.Subscription, owner.Quantity = b.Subscription, int64(b.Quantity)
	k.creates(tableOrder, e.Base(), owner)
}

func (b RequestSeats) Decide(d *Decision) {
	x := d.subscription(b.Subscription)
	if d.refused() {
		return
	}
	contract, account, product := d.Contracts.rows[x.Contract], d.Accounts.rows[x.Account], d.Products.rows[x.Product]
	d.needOwn(x.Account)
	d.needActive(contract)
	if d.Accounts.rows[account.Parent].PurchaseLink == "" {
		d.refuse(LinksNotConfigured, "%s has not set up its purchase link", account.Parent)
	}
	if x.Plan == Flexible {
		d.refuse(PlanMismatch, "seats of a flexible subscription are changed, not requested")
	}
	d.checkAnnualSeats(x, contract, int64(b.Quantity))
	if d.refused() {
		return
	}
	d.newOrder(account, product, Order{Kind: OrderSeats, Contract: x.Contract, Subscription: x.Subscription, Quantity: int64(b.Quantity)})
}

// ChangeCap sets how far a flexible subscription may grow (rule 38).
type ChangeCap struct {
	Subscription SubscriptionID `json:"subscription"`
	Cap          Quantity       `json:"cap"`
}

func (ChangeCap) Kind() string { return "cap.change" }

// Doc says what the command gives and what can refuse it.
func (ChangeCap) Doc() Doc {
	return Doc{
		Results: "subscription",
		Reasons: []Reason{SubscriptionUnknown, ContractInactive, NotOwnCustomer, PlanMismatch, CapBelowSeats, ContractLimitExceeded, SubscriptionEnded},
	}
}

func (b ChangeCap) Reads(s *State, _ *Envelope, k *Keys) { k.Subscription(s, b.Subscription) }

func (b ChangeCap) Decide(d *Decision) {
	x := d.subscription(b.Subscription)
	if d.refused() {
		return
	}
	contract := d.Contracts.rows[x.Contract]
	d.needOwnCustomer(d.Accounts.rows[x.Account])
	if x.Plan != Flexible {
		d.refuse(PlanMismatch, "subscription %s is %s and has no cap", x.Subscription, x.Plan)
		return
	}
	d.needRunning(x)
	limit := int64(b.Cap)
	if limit > *x.Cap {
		d.needActive(contract)
		d.needCapLimit(contract, limit)
	}
	if limit < x.Seats {
		d.refuse(CapBelowSeats, "a cap of %d is below the %d seats there are", limit, x.Seats)
	}
	if d.refused() {
		return
	}
	x.Cap, x.ChangedAt = &limit, d.At
	d.Subscriptions.put(x.Subscription, x)
	d.showSubscription(x)
	d.summary = fmt.Sprintf("cap of %s set to %d", x.Subscription, limit)
}

// ChangeRenewal says what happens at the end of an annual term (rule 41).
type ChangeRenewal struct {
	Subscription SubscriptionID `json:"subscription"`
	Renewal      Renewal        `json:"renewal"`
	Seats        *Quantity      `json:"seats,omitempty"`
}

func (ChangeRenewal) Kind() string { return "renewal.change" }

// Doc says what the command gives and what can refuse it.
func (ChangeRenewal) Doc() Doc {
	return Doc{
		Results: "subscription",
		Reasons: []Reason{SubscriptionUnknown, NotOwnCustomer, PlanMismatch, ContractLimitExceeded, SubscriptionEnded},
	}
}

func (ChangeRenewal) FieldRules() []FieldRule {
	return []FieldRule{{If: "renewal", Is: "end", Refuses: "seats", What: "is for a renewal only"}}
}

func (b ChangeRenewal) Reads(s *State, _ *Envelope, k *Keys) { k.Subscription(s, b.Subscription) }

func (b ChangeRenewal) Decide(d *Decision) {
	x := d.subscription(b.Subscription)
	if d.refused() {
		return
	}
	contract := d.Contracts.rows[x.Contract]
	d.needCreatePermission(contract)
	d.needOwnCustomer(d.Accounts.rows[x.Account])
	if x.Plan == Flexible {
		d.refuse(PlanMismatch, "subscription %s is flexible and has no renewal", x.Subscription)
	}
	d.needRunning(x)
	if b.Seats != nil && int64(*b.Seats) > x.Seats {
		d.needSeatLimit(contract, x.Account, int64(*b.Seats)-x.Seats)
	}
	if d.refused() {
		return
	}
	x.Renewal, x.RenewalSeats, x.ChangedAt = b.Renewal, (*int64)(b.Seats), d.At
	d.Subscriptions.put(x.Subscription, x)
	d.showSubscription(x)
	d.summary = fmt.Sprintf("renewal of %s set to %s", x.Subscription, b.Renewal)
}

// EndSubscription ends a flexible subscription now, an annual one with its term (rule 41).
type EndSubscription struct {
	Subscription SubscriptionID `json:"subscription"`
}

func (EndSubscription) Kind() string { return "subscription.end" }

// Doc says what the command gives and what can refuse it.
func (EndSubscription) Doc() Doc {
	return Doc{
		Results: "subscription",
		Reasons: []Reason{SubscriptionUnknown, NotOwnAccount, NotOwnCustomer, SubscriptionEnded},
	}
}

func (b EndSubscription) Reads(s *State, _ *Envelope, k *Keys) { k.Subscription(s, b.Subscription) }

func (b EndSubscription) Decide(d *Decision) {
	x := d.subscription(b.Subscription)
	if d.refused() {
		return
	}
	account := d.Accounts.rows[x.Account]
	d.needOwnOrCustomer(account)
	d.needRunning(x)
	if d.refused() {
		return
	}
	if x.Plan != Flexible {
		x.Renewal, x.RenewalSeats, x.ChangedAt = End, nil, d.At
		d.Subscriptions.put(x.Subscription, x)
		d.showSubscription(x)
		d.summary = fmt.Sprintf("subscription %s will end on %s", x.Subscription, x.TermEndsOn)
		return
	}
	d.endFlexible(x, d.Contracts.rows[x.Contract])
	d.mailSubscription(MailSubscriptionEnded, account, d.Subscriptions.rows[x.Subscription], x.Seats)
	d.summary = fmt.Sprintf("subscription %s ended", x.Subscription)
}

// endFlexible lets all seats go now.
func (d *Decision) endFlexible(x Subscription, c Contract) {
	x.State, x.NextDueAt = SubscriptionOver, nil
	if x.Seats > 0 {
		d.setSeats(x, c, -x.Seats, Price{decimal.Zero})
		return
	}
	x.ChangedAt = d.At
	d.Subscriptions.put(x.Subscription, x)
	d.showSubscription(x)
}
