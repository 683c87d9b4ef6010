package domain

import "fmt"

// TransferStock moves stock to a direct customer, where it becomes licenses, or
// to a direct sub-reseller, where it stays stock (rules 11 to 17).
type TransferStock struct {
	From     AccountID `json:"from"`
	To       AccountID `json:"to"`
	Product  ProductID `json:"product"`
	Quantity Quantity  `json:"quantity"`
	Lot      LotID     `json:"lot,omitempty"`
}

func (TransferStock) Kind() string { return "stock.transfer" }

func (b TransferStock) Reads(_ *State, _ *Envelope, k *Keys) {
	k.OpenLots(b.From, b.Product, b.Quantity)
	k.OpenLots(b.To, b.Product, 0)
	if b.Lot != "" {
		k.Lot(b.Lot)
	}
}

func (b TransferStock) Decide(d *Decision) {
	from, to, product := d.account(b.From), d.account(b.To), d.product(b.Product)
	var lot Lot
	if b.Lot != "" {
		lot = d.lot(b.Lot)
	}
	if d.refused() {
		return
	}
	d.needOwn(from)
	d.needDirectlyBelow(to)
	d.canReceive(to, product)
	if b.Lot != "" && lot.Account != from.Account {
		d.refuse(NotOwnAccount, "lot %s belongs to %s", lot.Lot, lot.Account)
	}
	if b.Lot != "" && lot.Product != b.Product {
		d.refuse(LotNotFound, "lot %s holds %s, not %s", lot.Lot, lot.Product, b.Product)
	}
	draws := d.planDraw(Pool{b.From, b.Product}, int64(b.Quantity), b.Lot)
	if d.refused() {
		return
	}
	// From here on the transfer succeeds.
	d.use(d.Contracts.rows[draws[0].lot.Contract], product, to)
	if to.Kind == Customer {
		licenses := d.license(to, product, d.draw(draws))
		d.mailAssigned(to, licenses, Order{})
	} else {
		d.restock(to, d.draw(draws))
	}
	d.summary = fmt.Sprintf("%d %s moved from the stock of %s to %s", b.Quantity, b.Product, b.From, b.To)
}

// draw is n licenses out of a lot.
type draw struct {
	lot Lot
	n   int64
}

// planDraw chooses the stock for a quantity: one lot if it is named, else those
// that expire first. It refuses rather than give a part (rules 12, 16, 17).
func (d *Decision) planDraw(p Pool, quantity int64, named LotID) []draw {
	lots := d.unexpired(p)
	if named != "" {
		lot := d.Lots.rows[named]
		if d.hasExpired(lot) {
			d.refuse(StockExpired, "lot %s expired on %s", named, lot.ExpiresOn)
			return nil
		}
		lots = []Lot{lot}
	}
	var draws []draw
	missing := quantity
	for _, lot := range lots {
		if n := min(missing, lot.Remaining); n > 0 {
			draws = append(draws, draw{lot, n})
			missing -= n
		}
	}
	if missing > 0 {
		d.refuse(InsufficientStock, "%d asked for, %d remain", quantity, quantity-missing)
		return nil
	}
	return draws
}

// unexpired returns the stock of a pool that can still be moved, in the order in which it is drawn.
func (d *Decision) unexpired(p Pool) []Lot {
	var lots []Lot
	for _, lot := range d.lotsOf(p) {
		if !d.hasExpired(lot) {
			lots = append(lots, lot)
		}
	}
	return lots
}

func (d *Decision) hasExpired(l Lot) bool {
	return l.Expired || d.Contracts.rows[l.Contract].Today(d.At) >= l.ExpiresOn
}

// draw takes what was planned out of the lots.
func (d *Decision) draw(draws []draw) []draw {
	for _, w := range draws {
		lot := w.lot
		lot.Remaining -= w.n
		lot.ChangedAt = d.At
		d.Lots.put(lot.Lot, lot)
		d.showLot(lot)
	}
	return draws
}

// license turns drawn stock into a customer's licenses, active at once for a
// full term. Each batch keeps the contract of its lot and takes its dates from
// that contract's zone (rules 11 and 12).
func (d *Decision) license(to Account, product Product, draws []draw) []License {
	licenses := make([]License, len(draws))
	for i, w := range draws {
		today := d.Contracts.rows[w.lot.Contract].Today(d.At)
		licenses[i] = d.newLicense(string(w.lot.Lot), License{
			Account: to.Account, Product: product.Product, Contract: w.lot.Contract, Quantity: w.n,
			StartsOn: today, ExpiresOn: today.AddMonths(product.TermMonths),
		})
	}
	return licenses
}

// restock moves drawn stock to a sub-reseller. Its life does not begin anew,
// and lots are never merged (rule 15).
func (d *Decision) restock(to Account, draws []draw) {
	for _, w := range draws {
		d.newLot(string(w.lot.Lot), Lot{
			Account: to.Account, Product: w.lot.Product, Contract: w.lot.Contract, Quantity: w.n,
			PurchasedOn: w.lot.PurchasedOn, ExpiresOn: w.lot.ExpiresOn,
		})
	}
}
