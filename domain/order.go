package domain

import "fmt"

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

func (b RequestOrder) Reads(_ *State, e *Envelope, k *Keys) {
	k.Account(b.Account)
	k.Creates(e.Base(), Owner{Account: b.Account, Contract: b.Contract, Product: b.Product, Quantity: int64(b.Quantity)})
}

func (b RequestOrder) Decide(d *Decision) {
	account, contract, product := d.account(b.Account), d.contract(b.Contract), d.product(b.Product)
	if d.refused() {
		return
	}
	d.needOwnOrCustomer(account)
	d.terms(contract, b.Product, Term, int64(b.Quantity), b.PurchaseOrder)
	d.canReceive(account, product)
	if d.refused() {
		return
	}
	// From here on the request succeeds.
	o := Order{
		OrderID: OrderID(d.Base()), Kind: OrderLicense, Contract: b.Contract, Account: b.Account, Product: b.Product,
		Quantity: int64(b.Quantity), PurchaseOrder: b.PurchaseOrder, Note: b.Note, PrintNote: b.PrintNote,
		State: OrderRequested, RequestedAt: d.At, RequestedBy: d.Actor, No: d.No, ChangedAt: d.At,
	}
	d.Orders.put(o.OrderID, o)
	d.result.Order = o.OrderID
	d.mailRequested(account, product, o)
	d.summary = fmt.Sprintf("%d %s ordered for %s as %s", b.Quantity, b.Product, b.Account, o.OrderID)
}

// AssignOrder gives the customer what was ordered (rules 18, 19 and 31).
type AssignOrder struct {
	Order  OrderID `json:"order"`
	Fulfil Fulfil  `json:"fulfil,omitempty"`
}

func (AssignOrder) Kind() string { return "order.assign" }

func (b AssignOrder) Reads(s *State, _ *Envelope, k *Keys) {
	k.Order(b.Order)
	if o, known := s.owners[string(b.Order)]; known {
		k.Account(o.Account)
		k.OpenLots(s.Contracts.rows[o.Contract].Reseller, o.Product, Quantity(o.Quantity))
	}
}

func (b AssignOrder) Decide(d *Decision) {
	order := d.order(b.Order)
	if d.refused() {
		return
	}
	contract, product, account := d.Contracts.rows[order.Contract], d.Products.rows[order.Product], d.Accounts.rows[order.Account]
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
	d.canReceive(account, product)
	fulfil := d.chooseFulfil(b.Fulfil, Pool{contract.Reseller, order.Product}, order.Quantity)
	var price Price
	if fulfil == FulfilNew {
		price = d.terms(contract, order.Product, Term, order.Quantity, order.PurchaseOrder)
	}
	if d.refused() {
		return
	}
	// From here on the assignment succeeds.
	licenses := d.fulfilOrder(fulfil, contract, product, account, order, price)
	d.result.Order = order.OrderID
	at := d.At
	order.State, order.AssignedAt, order.Result, order.ChangedAt = OrderAssigned, &at, mustJSON(d.result), d.At
	d.Orders.put(order.OrderID, order)
	d.mailAssigned(account, licenses, order)
	d.summary = fmt.Sprintf("order %s assigned: %d %s for %s, %s", order.OrderID, order.Quantity, order.Product, order.Account, fulfilled[fulfil])
}

var fulfilled = map[Fulfil]string{FulfilNew: "newly bought", FulfilStock: "out of stock"}

// fulfilOrder issues and charges new licenses, or takes stock and charges nothing.
func (d *Decision) fulfilOrder(fulfil Fulfil, c Contract, p Product, a Account, o Order, price Price) []License {
	d.use(c, p, a)
	if fulfil == FulfilStock {
		return d.license(a, p, d.draw(d.planDraw(Pool{c.Reseller, p.Product}, o.Quantity, "")))
	}
	today := c.Today(d.At)
	license := d.newLicense(Issued, License{
		Account: a.Account, Product: p.Product, Contract: c.Contract, Quantity: o.Quantity,
		StartsOn: today, ExpiresOn: today.AddMonths(p.TermMonths),
	})
	d.charge("purchase", c, a.Account, p.Product, o.Quantity, price, o.PurchaseOrder, printed(o.Note, o.PrintNote))
	return []License{license}
}

// chooseFulfil applies rule 18: where suitable stock exists, upstream must say
// whether to use it; where none does, new is implied.
func (d *Decision) chooseFulfil(asked Fulfil, p Pool, quantity int64) Fulfil {
	var inStock int64
	for _, lot := range d.unexpired(p) {
		inStock += lot.Remaining
	}
	switch {
	case inStock >= quantity && asked == "":
		d.refuse(FulfilRequired, "%s has %d %s in stock; say whether to use them or to buy new ones", p.Account, inStock, p.Product)
	case inStock < quantity && asked == FulfilStock:
		d.refuse(InsufficientStock, "%d asked for, %d remain", quantity, inStock)
	case asked == "":
		return FulfilNew
	}
	return asked
}
