package domain

import (
	"fmt"
	"slices"
)

// PurchaseLicense buys licenses for the reseller itself or a direct customer,
// newly or out of stock (rules 18 to 22).
type PurchaseLicense struct {
	Contract      ContractID `json:"contract"`
	Account       AccountID  `json:"account"`
	Product       ProductID  `json:"product"`
	Quantity      Quantity   `json:"quantity"`
	Fulfil        Fulfil     `json:"fulfil,omitempty"`
	CotermWith    LicenseID  `json:"coterm_with,omitempty"`
	PurchaseOrder Name       `json:"purchase_order,omitempty"`
	Note          Note       `json:"note,omitempty"`
	PrintNote     bool       `json:"print_note,omitempty"`
}

func (PurchaseLicense) Kind() string { return "license.purchase" }

// Doc says what the command gives and what can refuse it.
func (PurchaseLicense) Doc() Doc {
	return Doc{
		Results: "stock, licenses, charges",
		Reasons: slices.Concat([]Reason{ContractNotFound, ProductNotFound, LicenseNotFound}, termReasons, []Reason{AccountClosed, NotOwnCustomer, TrialAccount, PackageMismatch, FulfilRequired, InsufficientStock, LicenseExpired}),
	}
}

func (PurchaseLicense) FieldRules() []FieldRule {
	return []FieldRule{{If: "fulfil", Is: "stock", Refuses: "coterm_with", What: "is for newly bought licenses; stock comes with a full term"}}
}

func (b PurchaseLicense) Reads(s *State, _ *Envelope, k *Keys) {
	k.Account(b.Account)
	k.License(s, b.CotermWith)
	if c, known := s.Contracts.rows[b.Contract]; known {
		k.OpenLots(c.Reseller, b.Product, b.Quantity)
	}
}

func (b PurchaseLicense) Decide(d *Decision) {
	account, contract, product := d.account(b.Account), d.contract(b.Contract), d.product(b.Product)
	var old License
	if b.CotermWith != "" {
		old = d.licenseOf(b.CotermWith, b.Account, b.Product)
	}
	if d.refused() {
		return
	}
	d.needCreatePermission(contract)
	d.needSelfOrCustomer(account)
	d.canReceive(account, product)
	fulfil := d.chooseFulfil(b.Fulfil, Pool{contract.Reseller, b.Product}, int64(b.Quantity))
	var price Price
	if fulfil == FulfilStock {
		d.needActive(contract)
		d.needOrderTerms(contract, int64(b.Quantity), b.PurchaseOrder)
		d.needProduct(contract, b.Product)
	} else {
		price = d.terms(contract, b.Product, int64(b.Quantity), b.PurchaseOrder)
	}
	if b.CotermWith != "" && d.licenseExpired(old) {
		d.refuse(LicenseExpired, "license %s expired on %s", old.License, old.ExpiresOn)
	}
	if d.refused() {
		return
	}
	// From here on the purchase succeeds.
	texts := Charge{PurchaseOrder: b.PurchaseOrder, Note: printed(b.Note, b.PrintNote)}
	var licenses []License
	if b.CotermWith != "" {
		licenses = d.coterm(old, contract, product, account, int64(b.Quantity), price, texts)
	} else {
		licenses = d.fulfil(fulfil, contract, product, account, int64(b.Quantity), price, texts)
	}
	if account.Kind == Customer {
		d.mailAssigned(account, licenses, Order{PurchaseOrder: b.PurchaseOrder})
	}
	d.summary = fmt.Sprintf("%d %s for %s, %s", b.Quantity, b.Product, b.Account, fulfilled[fulfil])
}

// coterm gives new licenses the end date of an old batch, for the part of a
// full term that is left (rule 20).
func (d *Decision) coterm(old License, c Contract, p Product, a Account, quantity int64, price Price, texts Charge) []License {
	d.use(c, p, a)
	today := c.Today(d.At)
	left, full := int64(old.ExpiresOn-today), int64(d.endOfTerm(p, today)-today)
	license := d.newLicense(Issued, License{
		Account: a.Account, Product: p.Product, Contract: c.Contract, Quantity: quantity, StartsOn: today, ExpiresOn: old.ExpiresOn,
	})
	texts.Days, texts.DaysInPeriod = &left, &full
	d.charge("purchase", c, a.Account, p.Product, quantity, price, texts)
	return []License{license}
}

// RenewLicense buys a new term for n licenses of a batch (rule 21).
type RenewLicense struct {
	License       LicenseID `json:"license"`
	Quantity      Quantity  `json:"quantity"`
	PurchaseOrder Name      `json:"purchase_order,omitempty"`
	Note          Note      `json:"note,omitempty"`
	PrintNote     bool      `json:"print_note,omitempty"`
}

func (RenewLicense) Kind() string { return "license.renew" }

// Doc says what the command gives and what can refuse it.
func (RenewLicense) Doc() Doc {
	return Doc{
		Results: "licenses, charges",
		Reasons: slices.Concat([]Reason{LicenseNotFound}, termReasons, []Reason{AccountClosed, NotOwnCustomer, TrialAccount, PackageMismatch, InsufficientAvailable}),
	}
}

func (b RenewLicense) Reads(s *State, _ *Envelope, k *Keys) {
	k.License(s, b.License)
	k.Allocated = append(k.Allocated, b.License)
	k.Deployed = append(k.Deployed, b.License)
}

func (b RenewLicense) Decide(d *Decision) {
	old := d.license(b.License)
	if d.refused() {
		return
	}
	contract, product, account := d.Contracts.rows[old.Contract], d.Products.rows[old.Product], d.Accounts.rows[old.Account]
	d.needCreatePermission(contract)
	d.needSelfOrCustomer(account)
	price := d.terms(contract, old.Product, int64(b.Quantity), b.PurchaseOrder)
	d.canReceive(account, product)
	if int64(b.Quantity) > old.Quantity {
		d.refuse(InsufficientAvailable, "%d asked for, license %s has %d", b.Quantity, old.License, old.Quantity)
	}
	if d.refused() {
		return
	}
	// From here on the renewal succeeds.
	n := int64(b.Quantity)
	if d.licenseExpired(old) {
		d.fullTerm(Issued, contract, product, account.Account, n)
	} else {
		d.prolong(old, product, n)
	}
	d.charge("renewal", contract, account.Account, product.Product, n, price,
		Charge{PurchaseOrder: b.PurchaseOrder, Note: printed(b.Note, b.PrintNote)})
	d.summary = fmt.Sprintf("%d %s of license %s renewed for %s", n, product.Product, old.License, account.Account)
}

// prolong moves n licenses of a batch into one that ends a term later, with
// allocations and deployments as far as n allows. They stay usable meanwhile.
func (d *Decision) prolong(old License, p Product, n int64) {
	renewed := License{
		Account: old.Account, Product: old.Product, Contract: old.Contract, Quantity: n,
		StartsOn: old.ExpiresOn, ExpiresOn: d.endOfTerm(p, old.ExpiresOn),
	}
	renewed.Allocated = min(n, old.Allocated)
	renewed.Deployed = min(n-renewed.Allocated, old.Deployed)
	old.Quantity -= n
	old.Allocated -= renewed.Allocated
	old.Deployed -= renewed.Deployed
	old.ChangedAt = d.At
	d.Licenses.put(old.License, old)
	renewed = d.newLicense(string(old.License), renewed)
	for _, a := range slices.Collect(d.Allocated.rows(old.License))[:renewed.Allocated] {
		a.License, a.ChangedAt = renewed.License, d.At
		d.Allocations.put(a.Allocation, a)
		d.Allocated.insert(a)
	}
	d.redeploy(old.License, renewed.License, renewed.Deployed)
	if old.Quantity > 0 {
		d.showLicense(old)
	}
}

// redeploy points n deployed licenses at the batch they are in now.
func (d *Decision) redeploy(from, to LicenseID, n int64) {
	for _, id := range d.deployed[from] {
		x := d.Deployments.rows[id]
		if n == 0 || x.State != DeploymentActive {
			continue
		}
		var items []DeploymentItem
		for _, item := range x.Items {
			moved := int64(0)
			if item.License == from {
				moved = min(n, item.Quantity)
			}
			if item.Quantity > moved {
				items = append(items, DeploymentItem{item.Product, item.Quantity - moved, item.License})
			}
			if moved > 0 {
				items = append(items, DeploymentItem{item.Product, moved, to})
				d.deployed[to] = append(d.deployed[to], id)
			}
			n -= moved
		}
		x.Items, x.ChangedAt = items, d.At
		d.Deployments.put(id, x)
		d.deployed[to] = append(d.deployed[to], id)
	}
}

func (d *Decision) licenseExpired(l License) bool {
	return l.Expired || d.Contracts.rows[l.Contract].Today(d.At) >= l.ExpiresOn
}
