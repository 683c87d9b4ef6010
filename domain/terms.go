package domain

import (
	"fmt"
	"time"
)

// terms applies rules 2, 4 and 5 to a purchase under a contract and returns the price.
func (d *Decision) terms(c Contract, product ProductID, quantity int64, purchaseOrder Name) Price {
	d.needActive(c)
	d.needOrderTerms(c, quantity, purchaseOrder)
	return d.price(c, product, Term)
}

// needOrderTerms applies rule 5 to what is bought for a term.
func (d *Decision) needOrderTerms(c Contract, quantity int64, purchaseOrder Name) {
	if c.PurchaseOrderRequired && purchaseOrder == "" {
		d.refuse(PurchaseOrderRequired, "contract %s wants a purchase-order number", c.Contract)
	}
	if quantity < c.MinimumQuantity {
		d.refuse(QuantityBelowMinimum, "%d asked for; contract %s sells %d or more", quantity, c.Contract, c.MinimumQuantity)
	}
}

// price applies rule 4: the contract has the product, with a price for the way it is bought.
func (d *Decision) price(c Contract, product ProductID, way Plan) Price {
	prices, sold := d.needProduct(c, product)
	if !sold {
		return Price{}
	}
	price := prices.For(way)
	if price == nil {
		d.refuse(PlanNotInContract, "contract %s has %s, but no %s price for it", c.Contract, product, way)
		return Price{}
	}
	d.rely("price %s %s %s %s", c.Contract, product, way, price)
	return *price
}

// inactive says why a contract is not active at an instant, or nothing (rule 2).
func (c Contract) inactive(at time.Time) string {
	today := c.Today(at)
	switch {
	case c.Status != ContractActive:
		return fmt.Sprintf("contract %s is %s", c.Contract, c.Status)
	case today < c.StartsOn:
		return fmt.Sprintf("contract %s starts on %s", c.Contract, c.StartsOn)
	case c.EndsOn != 0 && today > c.EndsOn:
		return fmt.Sprintf("the last day of contract %s was %s", c.Contract, c.EndsOn)
	}
	return ""
}

// over says that flexible subscriptions end: the contract was ended, or its last day has passed (rule 42).
func (c Contract) over(at time.Time) bool {
	return c.Status == ContractEnded || c.EndsOn != 0 && c.Today(at) > c.EndsOn
}

// endOfFlexible is when flexible subscriptions end by themselves; nil while no end is known.
func (c Contract) endOfFlexible() *time.Time {
	switch {
	case c.Status == ContractEnded:
		return &c.ChangedAt
	case c.EndsOn != 0:
		end := (c.EndsOn + 1).StartIn(c.Zone()).UTC()
		return &end
	}
	return nil
}

func (d *Decision) needProduct(c Contract, product ProductID) (Prices, bool) {
	d.under(c)
	prices, sold := c.Sells(product)
	if !sold {
		d.refuse(ProductNotInContract, "contract %s does not have %s", c.Contract, product)
	}
	return prices, sold
}

// under shows a contract's terms in a preview.
func (d *Decision) under(c Contract) {
	d.result.Contract = &ContractResult{Contract: c.Contract, Reseller: c.Reseller, Currency: c.Currency, EndsOn: c.EndsOn}
}

// needActive applies rule 2.
func (d *Decision) needActive(c Contract) {
	d.under(c)
	d.rely("contract %s %s %s %s %s", c.Contract, c.Status, c.StartsOn, c.EndsOn, c.Currency)
	if why := c.inactive(d.At); why != "" {
		d.refuse(ContractInactive, "%s", why)
	}
}

// canReceive applies rules 6, 13 and 14 to the account that would get licenses or stock.
func (d *Decision) canReceive(a Account, p Product) {
	if a.Status == AccountShut {
		d.refuse(AccountClosed, "%s is closed", a.Account)
	}
	if a.Kind != Customer {
		return
	}
	if a.Trial {
		d.refuse(TrialAccount, "%s is on trial", a.Account)
	}
	if a.Package != p.Package {
		d.refuse(PackageMismatch, "%s is a %s customer and %s is for %s", a.Account, a.Package, p.Product, p.Package)
	}
}

// use marks what can no longer change (rule 6).
func (d *Decision) use(c Contract, p Product, account Account) {
	if !c.Used {
		c.Used = true
		d.Contracts.put(c.Contract, c)
	}
	if !p.Used {
		p.Used = true
		d.Products.put(p.Product, p)
	}
	if !account.Used {
		account.Used = true
		d.Accounts.put(account.Account, account)
	}
}

// charge bills n units of a product, in full or in part, on the day of purchase.
// The caller says what is special: the amount, the days, the texts.
func (d *Decision) charge(kind string, c Contract, account AccountID, product ProductID, quantity int64, price Price, special Charge) {
	today := c.Today(d.At)
	charge := special
	charge.No, charge.N, charge.Kind = d.No, d.nextFact(), kind
	charge.Contract, charge.Account, charge.Product, charge.Currency = c.Contract, account, product, c.Currency
	charge.Period, charge.EffectiveOn, charge.Quantity, charge.UnitPrice = today.FirstOfMonth(), today, quantity, price
	if charge.FromOn == 0 {
		charge.FromOn, charge.ToOn = today, today
	}
	days, of := int64(1), int64(1)
	if charge.Days != nil {
		days, of = *charge.Days, *charge.DaysInPeriod
	}
	charge.Amount = Prorated(quantity, price, days, of, c.Currency)
	d.Charges = append(d.Charges, charge)
	d.result.Charges = append(d.result.Charges, ChargeResult{
		Product: product, Quantity: quantity, UnitPrice: price, Amount: Money(charge.Amount, string(c.Currency)), Currency: c.Currency,
	})
}

// endOfTerm is the first day after a term of a product.
func (d *Decision) endOfTerm(p Product, from Date) Date {
	d.rely("term %s %d", p.Product, p.TermMonths)
	return from.AddMonths(p.TermMonths)
}
