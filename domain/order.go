package domain

import (
	"fmt"
	"slices"
)

// RequestOrder asks the reseller for licenses (rule 30).
type RequestOrder struct {
	Contract      ContractID `json:"contract"`
	Account       AccountID  `json:"account"`
	Product       ProductID  `json:"product"`
	Quantity      Quantity   `json:"quantity"`
	PurchaseOrder Name       `json:"purchase_order,omitempty"`
	Note          Note       `json:"note,omitempty"`
	PrintNote     bool       `json:"print_note,omitempty"`
}

func (RequestOrder) Kind() string { return "order.request" }

// Doc says what the command gives and what can refuse it.
func (RequestOrder) Doc() Doc {
	return Doc{
		Results: "order",
		Reasons: slices.Concat([]Reason{ContractNotFound, ProductNotFound}, termReasons, []Reason{AccountClosed, NotOwnAccount, NotOwnCustomer, TrialAccount, PackageMismatch}),
	}
}

func (b RequestOrder) Reads(_ *State, e *Envelope, k *Keys) {
	k.Account(b.Account)
	k.creates(tableOrder, e.Base(), Owner{Account: b.Account, Contract: b.Contract, Product: b.Product, Quantity: int64(b.Quantity)})
}

func (b RequestOrder) Decide(d *Decision) {
	account, contract, product := d.account(b.Account), d.contract(b.Contract), d.product(b.Product)
	if d.refused() {
		return
	}
	d.needOwnOrCustomer(account)
	d.terms(contract, b.Product, int64(b.Quantity), b.PurchaseOrder)
	d.canReceive(account, product)
	if d.refused() {
		return
	}
	// From here on the request succeeds.
	d.newOrder(account, product, Order{
		Kind: OrderLicense, Contract: b.Contract, Quantity: int64(b.Quantity), PurchaseOrder: b.PurchaseOrder, Note: b.Note, PrintNote: b.PrintNote,
	})
}

// newOrder records a request and tells the reseller.
func (d *Decision) newOrder(account Account, product Product, o Order) {
	o.OrderID, o.Account, o.Product, o.State = OrderID(d.Base()), account.Account, product.Product, OrderRequested
	o.RequestedAt, o.RequestedBy, o.No, o.ChangedAt = d.At, d.Actor, d.No, d.At
	d.Orders.put(o.OrderID, o)
	d.result.Order = o.OrderID
	d.mailRequested(account, product, o)
	d.summary = fmt.Sprintf("%d %s ordered for %s as %s", o.Quantity, product.Product, account.Account, o.OrderID)
}

// AssignOrder gives the customer what was ordered (rules 18, 19 and 31).
type AssignOrder struct {
	Order  OrderID `json:"order"`
	Fulfil Fulfil  `json:"fulfil,omitempty"`
}

func (AssignOrder) Kind() string { return "order.assign" }

// Doc says what the command gives and what can refuse it.
func (AssignOrder) Doc() Doc {
	return Doc{
		Results: "order, stock, licenses, charges, subscription",
		Reasons: slices.Concat([]Reason{OrderNotFound}, termReasons, []Reason{AccountClosed, TrialAccount, PackageMismatch, PlanMismatch, OrderNotRequested, FulfilRequired, InsufficientStock, ContractLimitExceeded, SubscriptionEnded}),
	}
}

func (b AssignOrder) Reads(s *State, _ *Envelope, k *Keys) {
	owner := k.Order(s, b.Order)
	if owner.Subscription != "" {
		k.Subscriptions = append(k.Subscriptions, owner.Subscription)
		k.SeatsOf(owner.Contract, owner.Account)
	} else if owner.Account != "" {
		k.OpenLots(s.Contracts.rows[owner.Contract].Reseller, owner.Product, Quantity(owner.Quantity))
	}
}

func (b AssignOrder) Decide(d *Decision) {
	order := d.order(b.Order)
	if d.refused() {
		return
	}
	contract := d.Contracts.rows[order.Contract]
	d.needCreatePermission(contract)
	if d.refused() {
		return
	}
	if order.State == OrderAssigned {
		d.first = order.Result
		d.summary = fmt.Sprintf("order %s had been assigned already", order.OrderID)
		return
	}
	if order.State != OrderRequested {
		d.refuse(OrderNotRequested, "order %s is %s", order.OrderID, order.State)
	}
	if order.Kind == OrderSeats {
		b.assignSeats(d, order, contract)
		return
	}
	b.assignLicenses(d, order, contract)
}

func (b AssignOrder) assignLicenses(d *Decision, order Order, contract Contract) {
	product, account := d.Products.rows[order.Product], d.Accounts.rows[order.Account]
	d.canReceive(account, product)
	fulfil := d.chooseFulfil(b.Fulfil, Pool{contract.Reseller, order.Product}, order.Quantity)
	var price Price
	if fulfil == FulfilNew {
		price = d.terms(contract, order.Product, order.Quantity, order.PurchaseOrder)
	}
	if d.refused() {
		return
	}
	// From here on the assignment succeeds.
	licenses := d.fulfil(fulfil, contract, product, account, order.Quantity, price,
		Charge{PurchaseOrder: order.PurchaseOrder, Note: printed(order.Note, order.PrintNote)})
	d.assigned(order)
	d.mailAssigned(account, licenses, order)
	d.summary = fmt.Sprintf("order %s assigned: %d %s for %s, %s", order.OrderID, order.Quantity, order.Product, order.Account, fulfilled[fulfil])
}

// assignSeats adds what was ordered to an annual subscription (rule 39).
func (b AssignOrder) assignSeats(d *Decision, order Order, contract Contract) {
	if b.Fulfil != "" {
		d.refuse(PlanMismatch, "order %s is for seats, which come from no stock", order.OrderID)
	}
	x := d.Subscriptions.rows[order.Subscription]
	d.checkAnnualSeats(x, contract, order.Quantity)
	if d.refused() {
		return
	}
	// From here on the assignment succeeds.
	d.addAnnualSeats(x, contract, order.Quantity)
	d.assigned(order)
	d.mailSeatsAssigned(d.Accounts.rows[order.Account], d.Subscriptions.rows[order.Subscription], order)
	d.summary = fmt.Sprintf("order %s assigned: %d seats of %s for %s", order.OrderID, order.Quantity, order.Subscription, order.Account)
}

// assigned closes an order and keeps the result for those who ask again.
func (d *Decision) assigned(order Order) {
	d.result.Order = order.OrderID
	shown := d.result
	shown.Contract = nil
	at := d.At
	order.State, order.AssignedAt, order.Result, order.ChangedAt = OrderAssigned, &at, mustJSON(shown), d.At
	d.Orders.put(order.OrderID, order)
}

var fulfilled = map[Fulfil]string{FulfilNew: "newly bought", FulfilStock: "out of stock"}

// fulfil issues and charges new licenses, or takes the reseller's stock and
// charges nothing (rule 19).
func (d *Decision) fulfil(how Fulfil, c Contract, p Product, a Account, quantity int64, price Price, texts Charge) []License {
	d.use(c, p, a)
	if how == FulfilStock {
		draws := d.planDraw(Pool{c.Reseller, p.Product}, quantity, "")
		d.draw(draws)
		return d.licensed(a, p, draws)
	}
	license := d.fullTerm(Issued, c, p, a.Account, quantity)
	d.charge("purchase", c, a.Account, p.Product, quantity, price, texts)
	return []License{license}
}

// chooseFulfil applies rule 18: where suitable stock exists, upstream must say
// whether to use it; where none does, new is implied.
func (d *Decision) chooseFulfil(asked Fulfil, p Pool, quantity int64) Fulfil {
	var inStock int64
	for lot := range d.unexpired(p) {
		inStock += lot.Remaining
	}
	switch {
	case inStock >= quantity && asked == "":
		// Not how many there are: no more stock is loaded than may be needed.
		d.refuse(FulfilRequired, "%d asked for, and %s has as many %s in stock; say whether to use them or to buy new ones", quantity, p.Account, p.Product)
	case inStock < quantity && asked == FulfilStock:
		d.refuse(InsufficientStock, "%d asked for, %d remain", quantity, inStock)
	case asked == "":
		return FulfilNew
	}
	return asked
}

// RejectOrder ends a requested order with a reason (rule 32).
type RejectOrder struct {
	Order OrderID `json:"order"`
	Why   Name    `json:"why"`
}

func (RejectOrder) Kind() string { return "order.reject" }

// Doc says what the command gives and what can refuse it.
func (RejectOrder) Doc() Doc {
	return Doc{Results: "order", Reasons: []Reason{OrderNotFound, NotOwnCustomer, OrderNotRequested}}
}

func (b RejectOrder) Reads(s *State, _ *Envelope, k *Keys) {
	if owner := k.Order(s, b.Order); owner.Subscription != "" { // the mail tells what there is of it
		k.Subscriptions = append(k.Subscriptions, owner.Subscription)
	}
}

func (b RejectOrder) Decide(d *Decision) {
	order := d.order(b.Order)
	if d.refused() {
		return
	}
	customer := d.Accounts.rows[order.Account]
	d.needOwnCustomer(customer)
	d.needRequested(order)
	if d.refused() {
		return
	}
	d.endOrder(order, OrderRejected)
	d.mailRejected(customer, order, b.Why)
	d.summary = fmt.Sprintf("order %s rejected: %s", order.OrderID, b.Why)
}

// CancelOrder ends a requested order on the customer's side (rule 32).
type CancelOrder struct {
	Order OrderID `json:"order"`
}

func (CancelOrder) Kind() string { return "order.cancel" }

// Doc says what the command gives and what can refuse it.
func (CancelOrder) Doc() Doc {
	return Doc{Results: "order", Reasons: []Reason{OrderNotFound, NotOwnAccount, OrderNotRequested}}
}

func (b CancelOrder) Reads(s *State, _ *Envelope, k *Keys) { k.Order(s, b.Order) }

func (b CancelOrder) Decide(d *Decision) {
	order := d.order(b.Order)
	if d.refused() {
		return
	}
	d.needOwn(order.Account)
	d.needRequested(order)
	if d.refused() {
		return
	}
	d.endOrder(order, OrderCancelled)
	d.summary = fmt.Sprintf("order %s cancelled", order.OrderID)
}

func (d *Decision) needRequested(o Order) {
	if o.State != OrderRequested {
		d.refuse(OrderNotRequested, "order %s is %s", o.OrderID, o.State)
	}
}

func (d *Decision) endOrder(o Order, state OrderState) {
	o.State, o.ChangedAt = state, d.At
	d.Orders.put(o.OrderID, o)
	d.result.Order = o.OrderID
}
