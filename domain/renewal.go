package domain

import "fmt"

// RenewSubscription does what falls due at the end of an annual term, or when
// the contract of a flexible subscription is over (rules 41 and 42).
type RenewSubscription struct {
	Subscription SubscriptionID `json:"subscription"`
}

func (RenewSubscription) Kind() string { return "subscription.renew" }

// Doc says what the command gives and what can refuse it.
func (RenewSubscription) Doc() Doc { return Doc{Results: "subscription, charges"} }

func (b RenewSubscription) Reads(s *State, _ *Envelope, k *Keys) { k.Subscription(s, b.Subscription) }

func (b RenewSubscription) Decide(d *Decision) {
	x := d.Subscriptions.rows[b.Subscription]
	contract := d.Contracts.rows[x.Contract]
	d.concern(x.Account)
	d.concern(contract.Reseller)
	switch {
	case x.State != SubscriptionRunning:
		d.summary = "nothing was due"
	case x.Plan == Flexible && contract.over(d.At):
		d.endTerm(x, contract, "contract "+string(contract.Contract)+" is over")
	case x.Plan == Flexible:
		x.NextDueAt = contract.endOfFlexible()
		d.Subscriptions.put(x.Subscription, x)
		d.summary = "nothing was due"
	case contract.Today(d.At) < x.TermEndsOn:
		x.NextDueAt = nextDue(x.TermEndsOn, contract.Zone(), renewalReminders, d.At)
		d.Subscriptions.put(x.Subscription, x)
		d.summary = "nothing was due"
	default:
		d.renewOrEnd(x, contract)
	}
}

func (d *Decision) renewOrEnd(x Subscription, c Contract) {
	prices, _ := c.Sells(x.Product)
	price := prices.For(x.Plan)
	switch {
	case x.Renewal == End:
		d.endTerm(x, c, "as was decided")
	case c.inactive(d.At) != "":
		d.endTerm(x, c, "instead of renewing, because contract "+string(c.Contract)+" is not active")
	case price == nil:
		d.endTerm(x, c, fmt.Sprintf("instead of renewing, because contract %s has no %s price for %s", c.Contract, x.Plan, x.Product))
	default:
		d.renew(x, c, *price)
	}
}

// endTerm ends a subscription by itself, with the reason in the outcome.
func (d *Decision) endTerm(x Subscription, c Contract, why string) {
	before := x.Seats
	x.State, x.NextDueAt = SubscriptionOver, nil
	d.changeTerm(x, c, -x.Seats, Price{})
	d.mailSubscription(MailSubscriptionEnded, d.Accounts.rows[x.Account], d.Subscriptions.rows[x.Subscription], before)
	d.detail = why
	d.summary = fmt.Sprintf("subscription %s ended: %s", x.Subscription, why)
}

// renew begins the next term. Terms are counted from the first start, so that a
// shorter month in between moves no later one.
func (d *Decision) renew(x Subscription, c Contract, price Price) {
	more := nextSeats(x) - x.Seats
	x.Term++
	x.TermStartsOn, x.TermEndsOn = x.TermEndsOn, x.StartsOn.AddMonths(AnnualMonths*x.Term)
	x.RenewalSeats, x.UnitPrice = nil, &price
	x.NextDueAt = nextDue(x.TermEndsOn, c.Zone(), renewalReminders, d.At)
	d.TermPrices = append(d.TermPrices, TermPrice{Subscription: x.Subscription, StartsAt: x.TermStartsOn.StartIn(c.Zone()).UTC(), No: d.No, UnitPrice: price})
	d.changeTerm(x, c, more, price)
	x = d.Subscriptions.rows[x.Subscription]
	if x.Plan == AnnualYearly {
		d.chargeTerm("term", c, x)
	}
	d.mailSubscription(MailSubscriptionRenewed, d.Accounts.rows[x.Account], x, x.Seats)
	d.summary = fmt.Sprintf("subscription %s renewed with %d seats until %s", x.Subscription, x.Seats, x.TermEndsOn)
}

// changeTerm changes the seats with the end of a term, if they change.
func (d *Decision) changeTerm(x Subscription, c Contract, delta int64, price Price) {
	if delta != 0 {
		d.setSeats(x, c, delta, price)
		d.SeatChanges[len(d.SeatChanges)-1].EndsTerm = x.Plan != Flexible
		return
	}
	x.ChangedAt = d.At
	d.Subscriptions.put(x.Subscription, x)
	d.showSubscription(x)
}

// nextSeats is how many seats the next term will have.
func nextSeats(x Subscription) int64 {
	if x.RenewalSeats != nil {
		return *x.RenewalSeats
	}
	return x.Seats
}
