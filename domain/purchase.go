package domain

import (
	"fmt"
	"slices"
)

// StockMonths is how long stock lives, whatever the product's term (rule 10).
const StockMonths = 12

// PurchaseStock buys licenses ahead (rule 10).
type PurchaseStock struct {
	Contract      ContractID `json:"contract"`
	Account       AccountID  `json:"account"`
	Product       ProductID  `json:"product"`
	Quantity      Quantity   `json:"quantity"`
	PurchaseOrder Name       `json:"purchase_order,omitempty"`
	Note          Note       `json:"note,omitempty"`
	PrintNote     bool       `json:"print_note,omitempty"`
}

func (PurchaseStock) Kind() string { return "stock.purchase" }

// Doc says what the command gives and what can refuse it.
func (PurchaseStock) Doc() Doc {
	return Doc{
		Results: "stock, charges",
		Reasons: slices.Concat([]Reason{ContractNotFound, ProductNotFound}, termReasons, []Reason{AccountClosed, NotOwnAccount}),
	}
}

func (b PurchaseStock) Reads(_ *State, _ *Envelope, k *Keys) { k.OpenLots(b.Account, b.Product, 0) }

func (b PurchaseStock) Decide(d *Decision) {
	account, contract, product := d.account(b.Account), d.contract(b.Contract), d.product(b.Product)
	if d.refused() {
		return
	}
	d.needCreatePermission(contract)
	d.needOwn(account.Account)
	price := d.terms(contract, b.Product, int64(b.Quantity), b.PurchaseOrder)
	d.canReceive(account, product)
	if d.refused() {
		return
	}
	// From here on the purchase succeeds.
	today := contract.Today(d.At)
	lot := d.newLot(Issued, Lot{
		Account: account.Account, Product: product.Product, Contract: contract.Contract, Quantity: int64(b.Quantity),
		PurchasedOn: today, ExpiresOn: today.AddMonths(StockMonths),
	})
	d.use(contract, product, account)
	d.charge("stock", contract, account.Account, product.Product, int64(b.Quantity), price,
		Charge{PurchaseOrder: b.PurchaseOrder, Note: printed(b.Note, b.PrintNote)})
	d.summary = fmt.Sprintf("%d %s bought into stock as lot %s, to be used before %s", b.Quantity, b.Product, lot.Lot, lot.ExpiresOn)
}

// printed is the note as the invoice shows it (rule 22).
func printed(note Note, print bool) Note {
	if print {
		return note
	}
	return ""
}

// newLot makes a lot out of what another holding gives, which says its quantity.
func (d *Decision) newLot(from string, l Lot) Lot {
	l.Lot, l.Remaining, l.No, l.ChangedAt = LotID(d.holdingID()), l.Quantity, d.No, d.At
	l.NextDueAt = nextDue(l.ExpiresOn, d.Contracts.rows[l.Contract].Zone(), stockReminders, d.At)
	d.Lots.put(l.Lot, l)
	d.Stock.insert(l)
	d.move(l.Product, l.Quantity, from, string(l.Lot))
	d.showLot(l)
	return l
}

// newLicense makes a batch of licenses out of what another holding gives.
func (d *Decision) newLicense(from string, l License) License {
	l.License, l.No, l.ChangedAt = LicenseID(d.holdingID()), d.No, d.At
	l.NextDueAt = nextDue(l.ExpiresOn, d.Contracts.rows[l.Contract].Zone(), licenseReminders, d.At)
	d.Licenses.put(l.License, l)
	d.Held.insert(l)
	d.move(l.Product, l.Quantity, from, string(l.License))
	d.showLicense(l)
	return l
}

// fullTerm makes licenses that begin today and run for the product's term.
func (d *Decision) fullTerm(from string, c Contract, p Product, to AccountID, quantity int64) License {
	today := c.Today(d.At)
	return d.newLicense(from, License{
		Account: to, Product: p.Product, Contract: c.Contract, Quantity: quantity,
		StartsOn: today, ExpiresOn: d.endOfTerm(p, today),
	})
}

// showLicense names a batch in the outcome as it stands now.
func (d *Decision) showLicense(l License) {
	shown := LicenseResult{
		License: l.License, Account: l.Account, Product: l.Product, Quantity: l.Quantity, StartsOn: l.StartsOn, ExpiresOn: l.ExpiresOn,
	}
	for i, before := range d.result.Licenses {
		if before.License == l.License {
			d.result.Licenses[i] = shown
			return
		}
	}
	d.result.Licenses = append(d.result.Licenses, shown)
}

// showLot names a lot in the outcome as it stands now.
func (d *Decision) showLot(l Lot) {
	shown := StockResult{Lot: l.Lot, Account: l.Account, Product: l.Product, Remaining: l.Remaining, ExpiresOn: l.ExpiresOn}
	for i, before := range d.result.Stock {
		if before.Lot == l.Lot {
			d.result.Stock[i] = shown
			return
		}
	}
	d.result.Stock = append(d.result.Stock, shown)
}

func (d *Decision) move(product ProductID, quantity int64, from, to string) {
	d.Movements = append(d.Movements, Movement{
		No: d.No, N: d.nextFact(), Product: product, Quantity: quantity, FromHolding: from, ToHolding: to, At: d.At,
	})
}
