package domain

import (
	"fmt"
	"iter"
	"slices"
)

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

// Doc says what the command gives and what can refuse it.
func (TransferStock) Doc() Doc {
	return Doc{
		Results: "stock, licenses",
		Reasons: []Reason{ProductNotFound, LotNotFound, AccountClosed, NotOwnAccount, NotOwnCustomer, TrialAccount, PackageMismatch, StockExpired, InsufficientStock},
	}
}

func (b TransferStock) Reads(_ *State, _ *Envelope, k *Keys) {
	k.OpenLots(b.From, b.Product, b.Quantity)
	k.OpenLots(b.To, b.Product, 0)
	if b.Lot != "" {
		k.Lots = append(k.Lots, b.Lot)
	}
}

func (b TransferStock) Decide(d *Decision) {
	_, to, product := d.account(b.From), d.account(b.To), d.product(b.Product)
	if b.Lot != "" {
		d.lot(b.Lot, b.From, b.Product)
	}
	if d.refused() {
		return
	}
	d.needOwn(b.From)
	d.needDirectlyBelow(to)
	d.canReceive(to, product)
	draws := d.planDraw(Pool{b.From, b.Product}, int64(b.Quantity), b.Lot)
	if d.refused() {
		return
	}
	// From here on the transfer succeeds.
	d.use(d.Contracts.rows[draws[0].lot.Contract], product, to)
	d.draw(draws)
	if to.Kind == Customer {
		d.mailAssigned(to, d.licensed(to, product, draws), Order{})
	} else {
		d.restock(to, draws)
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
		lots = slices.Values([]Lot{lot})
	}
	draws, missing := d.drawUpTo(lots, quantity)
	if missing > 0 {
		d.refuse(InsufficientStock, "%d asked for, %d remain", quantity, quantity-missing)
		return nil
	}
	return draws
}

func (d *Decision) drawUpTo(lots iter.Seq[Lot], quantity int64) (draws []draw, missing int64) {
	missing = quantity
	for lot := range lots {
		if missing == 0 {
			break
		}
		if n := min(missing, lot.Remaining); n > 0 {
			draws = append(draws, draw{lot, n})
			missing -= n
		}
	}
	return draws, missing
}

// unexpired yields the stock of a pool that can still be moved, in the order in which it is drawn.
func (d *Decision) unexpired(p Pool) iter.Seq[Lot] {
	stock := d.Stock.rows(p)
	return func(yield func(Lot) bool) {
		for lot := range stock {
			if !d.hasExpired(lot) && !yield(lot) {
				return
			}
		}
	}
}

func (d *Decision) hasExpired(l Lot) bool {
	return l.Expired || d.Contracts.rows[l.Contract].Today(d.At) >= l.ExpiresOn
}

// draw takes what was planned out of the lots.
func (d *Decision) draw(draws []draw) {
	for _, w := range draws {
		lot := d.Lots.rows[w.lot.Lot]
		lot.Remaining -= w.n
		lot.ChangedAt = d.At
		d.Lots.put(lot.Lot, lot)
		d.showLot(lot)
	}
}

// licensed turns drawn stock into an account's licenses, active at once for a
// full term. Each batch keeps the contract of its lot and takes its dates from
// that contract's zone (rules 11 and 12).
func (d *Decision) licensed(to Account, product Product, draws []draw) []License {
	licenses := make([]License, len(draws))
	for i, w := range draws {
		licenses[i] = d.fullTerm(string(w.lot.Lot), d.Contracts.rows[w.lot.Contract], product, to.Account, w.n)
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
