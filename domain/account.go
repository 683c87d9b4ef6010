package domain

import (
	"fmt"
	"slices"
)

// PutAccount creates or replaces a reseller or a customer.
type PutAccount struct {
	ID           AccountID     `json:"id"`
	AccountKind  AccountKind   `json:"kind"`
	Parent       AccountID     `json:"parent,omitempty"`
	Name         Name          `json:"name"`
	Address      Address       `json:"address"`
	VATNumber    Name          `json:"vat_number,omitempty"`
	Package      Name          `json:"package,omitempty"`
	Trial        bool          `json:"trial,omitempty"`
	Status       AccountStatus `json:"status,omitempty" default:"active"`
	Locale       Locale        `json:"locale,omitempty" default:"en"`
	PurchaseLink Name          `json:"purchase_link,omitempty"`
	InitialOrder *InitialOrder `json:"initial_order,omitempty"`
}

// InitialOrder comes with the creation of a customer (rule 30).
type InitialOrder struct {
	Contract      ContractID `json:"contract"`
	Product       ProductID  `json:"product"`
	Quantity      Quantity   `json:"quantity"`
	PurchaseOrder Name       `json:"purchase_order,omitempty"`
}

func (PutAccount) Kind() string                   { return "account.put" }
func (PutAccount) Reads(*State, *Envelope, *Keys) {}

// Doc says what the command gives and what can refuse it.
func (PutAccount) Doc() Doc {
	return Doc{
		Results: "order",
		Reasons: slices.Concat([]Reason{AccountNotFound, ContractNotFound, ProductNotFound}, termReasons, []Reason{AlreadyExists, InUse, CurrencyMismatch, AccountClosed, TrialAccount, PackageMismatch}),
	}
}

func (PutAccount) FieldRules() []FieldRule {
	return []FieldRule{
		{If: "kind", Is: "customer", Needs: "parent", What: "is required for a customer"},
		{If: "kind", Is: "customer", Needs: "package", What: "is required for a customer"},
		{If: "kind", Is: "customer", Refuses: "purchase_link", What: "is for resellers only"},
		{If: "kind", Is: "reseller", Refuses: "package", What: "is for customers only"},
		{If: "kind", Is: "reseller", Refuses: "trial", What: "is for customers only"},
		{If: "kind", Is: "reseller", Refuses: "initial_order", What: "is for customers only"},
	}
}

// CheckFields says which fields contradict each other.
func (b PutAccount) CheckFields(wrong func(field, what string)) {
	if b.Parent != "" && b.Parent == b.ID {
		wrong("parent", "is the account itself")
	}
}

func (b PutAccount) Decide(d *Decision) {
	old, exists := d.Accounts.Get(b.ID)
	var parent Account
	if b.Parent != "" {
		parent = d.parentFor(b.Parent)
	}
	if exists {
		b.checkUnchanged(d, old)
	}
	if b.Parent != "" && b.Parent != old.Parent {
		if parent.Status == AccountShut {
			d.refuse(AccountClosed, "%s is closed and takes no new accounts", parent.Account)
		}
		if d.isBelow(b.Parent, b.ID) {
			d.refuse(InUse, "%s is below %s", b.Parent, b.ID)
		}
	}
	account := Account{
		Account: b.ID, Kind: b.AccountKind, Parent: b.Parent, Name: b.Name, Address: b.Address, VATNumber: b.VATNumber,
		Package: b.Package, Trial: b.Trial, Status: b.Status, Locale: b.Locale, PurchaseLink: b.PurchaseLink,
		Used: old.Used, ChangedAt: d.At,
	}
	for _, c := range d.contractsWhere(func(c Contract) bool { return c.Reseller == b.ID }) {
		d.needOneVATCurrency(d.Sellers.rows[c.Seller], account, c)
	}
	if b.InitialOrder != nil {
		b.checkInitialOrder(d, account, exists)
	}
	if d.refused() {
		return
	}
	d.Accounts.put(b.ID, account)
	if b.Parent != "" {
		usage := d.usage[b.Parent]
		usage.Children = true
		d.usage[b.Parent] = usage
	}
	if o := b.InitialOrder; o != nil {
		d.newOrder(account, d.Products.rows[o.Product], Order{
			Kind: OrderLicense, Contract: o.Contract, Quantity: int64(o.Quantity), PurchaseOrder: o.PurchaseOrder,
		})
	}
	d.summary = fmt.Sprintf("%s %s (%s) put", b.AccountKind, b.ID, b.Name)
}

func (d *Decision) parentFor(id AccountID) Account {
	parent, exists := d.Accounts.Get(id)
	switch {
	case !exists:
		d.refuse(AccountNotFound, "no account %s", id)
	case parent.Kind != Reseller:
		d.refuse(AccountNotFound, "%s is a customer; a parent is a reseller", id)
	}
	return parent
}

// checkUnchanged applies rule 6 to an account.
func (b PutAccount) checkUnchanged(d *Decision, old Account) {
	usage := d.usage[b.ID]
	if old.Kind != b.AccountKind && (old.Used || usage.Children || usage.Contracts) {
		d.refuse(InUse, "%s is in use; it stays a %s", b.ID, old.Kind)
	}
	if old.Parent == b.Parent {
		return
	}
	switch {
	case old.Kind == Reseller && old.Parent != "":
		d.refuse(InUse, "the parent of reseller %s is set once; it stays %s", b.ID, old.Parent)
	case old.Kind == Customer && usage.RunningSubscriptions:
		d.refuse(InUse, "%s has running subscriptions; its parent stays %s", b.ID, old.Parent)
	case old.Kind == Customer && usage.RequestedOrders:
		d.refuse(InUse, "%s has requested orders; its parent stays %s", b.ID, old.Parent)
	}
}

// checkInitialOrder applies rules 2, 4, 5 and 13. It counts only when the account is created.
func (b PutAccount) checkInitialOrder(d *Decision, account Account, exists bool) {
	o := b.InitialOrder
	contract, known := d.Contracts.Get(o.Contract)
	if !known || contract.Reseller != b.Parent {
		d.refuse(ContractNotFound, "no contract %s of %s", o.Contract, b.Parent)
		return
	}
	product := d.product(o.Product)
	if exists {
		d.refuse(AlreadyExists, "%s exists; an initial order is for a new account", b.ID)
	}
	d.terms(contract, o.Product, int64(o.Quantity), o.PurchaseOrder)
	d.canReceive(account, product)
}
