package domain

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// PutSeller creates or replaces a seller.
type PutSeller struct {
	ID            SellerID `json:"id"`
	Name          Name     `json:"name"`
	Address       Address  `json:"address"`
	VATNumber     Name     `json:"vat_number,omitempty"`
	Currency      Currency `json:"currency,omitempty"`
	Email         Email    `json:"email"`
	FinanceEmail  Email    `json:"finance_email"`
	InvoicePrefix Name     `json:"invoice_prefix"`
	IBAN          Name     `json:"iban,omitempty"`
	BIC           Name     `json:"bic,omitempty"`
}

func (PutSeller) Kind() string                   { return "seller.put" }
func (PutSeller) Reads(*State, *Envelope, *Keys) {}

func (b PutSeller) Decide(d *Decision) {
	d.Sellers.put(b.ID, Seller{
		Seller: b.ID, Name: b.Name, Address: b.Address, VATNumber: b.VATNumber, Currency: b.Currency,
		Email: b.Email, FinanceEmail: b.FinanceEmail, InvoicePrefix: b.InvoicePrefix, IBAN: b.IBAN, BIC: b.BIC,
		ChangedAt: d.At,
	})
	d.summary = fmt.Sprintf("seller %s (%s) put", b.ID, b.Name)
}

// PutTax says which VAT rate a country has from a day on.
type PutTax struct {
	Country  Country     `json:"country"`
	Rate     Rate        `json:"rate"`
	From     Date        `json:"from"`
	Category TaxCategory `json:"category,omitempty" default:"S"`
}

func (PutTax) Kind() string                   { return "tax.put" }
func (PutTax) Reads(*State, *Envelope, *Keys) {}

func (b PutTax) Decide(d *Decision) {
	tax := Tax{Country: b.Country, Category: b.Category, FromOn: b.From, Rate: b.Rate.Decimal, ChangedAt: d.At}
	d.Taxes.put(tax.Key(), tax)
	d.summary = fmt.Sprintf("VAT of %s is %s %% from %s", b.Country, b.Rate, b.From)
}

// PutProduct creates or replaces a product.
type PutProduct struct {
	ID         ProductID `json:"id"`
	Name       Name      `json:"name"`
	Package    Name      `json:"package"`
	TermMonths Months    `json:"term_months,omitempty" default:"12"`
}

func (PutProduct) Kind() string                   { return "product.put" }
func (PutProduct) Reads(*State, *Envelope, *Keys) {}

func (b PutProduct) Decide(d *Decision) {
	old, exists := d.Products.Get(b.ID)
	if exists && old.Used && (old.Package != b.Package || old.TermMonths != int64(b.TermMonths)) {
		d.refuse(InUse, "%s has been bought; its package stays %s and its term %d months", b.ID, old.Package, old.TermMonths)
		return
	}
	d.Products.put(b.ID, Product{
		Product: b.ID, Name: b.Name, Package: b.Package, TermMonths: int64(b.TermMonths), Used: old.Used, ChangedAt: d.At,
	})
	d.summary = fmt.Sprintf("product %s (%s) put", b.ID, b.Name)
}

// PutUser creates or replaces a user.
type PutUser struct {
	ID      UserID    `json:"id"`
	Account AccountID `json:"account"`
	Name    Name      `json:"name"`
	Roles   []Role    `json:"roles"`
	Locale  Locale    `json:"locale,omitempty"`
}

func (PutUser) Kind() string                   { return "user.put" }
func (PutUser) Reads(*State, *Envelope, *Keys) {}

func (b PutUser) Decide(d *Decision) {
	if _, exists := d.Accounts.Get(b.Account); !exists {
		d.refuse(AccountNotFound, "no account %s", b.Account)
		return
	}
	old := d.Users.rows[b.ID]
	user := User{UserID: b.ID, Account: b.Account, Name: b.Name, Roles: b.Roles, Locale: b.Locale, ChangedAt: d.At}
	d.Users.put(b.ID, user)
	d.remanage(old, user)
	d.summary = fmt.Sprintf("user %s (%s) put", b.ID, b.Name)
}

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
}

func (PutAccount) Kind() string                   { return "account.put" }
func (PutAccount) Reads(*State, *Envelope, *Keys) {}

// CheckFields says which fields contradict each other.
func (b PutAccount) CheckFields(wrong func(field, what string)) {
	if b.AccountKind == Customer {
		if b.Parent == "" {
			wrong("parent", "is required for a customer")
		}
		if b.Package == "" {
			wrong("package", "is required for a customer")
		}
		if b.PurchaseLink != "" {
			wrong("purchase_link", "is for resellers only")
		}
	}
	if b.AccountKind == Reseller {
		if b.Package != "" {
			wrong("package", "is for customers only")
		}
		if b.Trial {
			wrong("trial", "is for customers only")
		}
	}
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
	if d.refused() {
		return
	}
	d.Accounts.put(b.ID, Account{
		Account: b.ID, Kind: b.AccountKind, Parent: b.Parent, Name: b.Name, Address: b.Address, VATNumber: b.VATNumber,
		Package: b.Package, Trial: b.Trial, Status: b.Status, Locale: b.Locale, PurchaseLink: b.PurchaseLink,
		Used: old.Used, ChangedAt: d.At,
	})
	if b.Parent != "" {
		usage := d.usage[b.Parent]
		usage.Children = true
		d.usage[b.Parent] = usage
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

// PutContract creates or replaces a contract.
type PutContract struct {
	ID                    ContractID        `json:"id"`
	Seller                SellerID          `json:"seller"`
	Reseller              AccountID         `json:"reseller"`
	Status                ContractStatus    `json:"status,omitempty" default:"active"`
	StartsOn              Date              `json:"starts_on"`
	EndsOn                Date              `json:"ends_on,omitempty"`
	Currency              Currency          `json:"currency"`
	TimeZone              ZoneName          `json:"time_zone"`
	DayCount              DayCount          `json:"day_count,omitempty" default:"start_of_day"`
	PaymentTermsDays      Days              `json:"payment_terms_days,omitempty" default:"30"`
	PurchaseOrderRequired bool              `json:"purchase_order_required,omitempty"`
	MinimumQuantity       Quantity          `json:"minimum_quantity,omitempty" default:"1"`
	MaxSeatsPerCustomer   *Seats            `json:"max_seats_per_customer,omitempty"`
	FinanceEmails         []Email           `json:"finance_emails"`
	CreatePermission      []UserID          `json:"create_permission"`
	Products              []ContractProduct `json:"products"`
}

func (PutContract) Kind() string                   { return "contract.put" }
func (PutContract) Reads(*State, *Envelope, *Keys) {}

// CheckFields says which fields contradict each other.
func (b PutContract) CheckFields(wrong func(field, what string)) {
	if len(b.FinanceEmails) == 0 {
		wrong("finance_emails", "needs at least one address")
	}
	if b.EndsOn != 0 && b.EndsOn < b.StartsOn {
		wrong("ends_on", "is before starts_on")
	}
	seen := map[ProductID]bool{}
	for i, p := range b.Products {
		if seen[p.Product] {
			wrong(fmt.Sprintf("products[%d].product", i), fmt.Sprintf("%s is given twice", p.Product))
		}
		seen[p.Product] = true
	}
}

func (b PutContract) Decide(d *Decision) {
	if reseller, ok := d.Accounts.Get(b.Reseller); !ok {
		d.refuse(AccountNotFound, "no account %s", b.Reseller)
	} else if reseller.Kind != Reseller {
		d.refuse(AccountNotFound, "%s is a customer; a contract is with a reseller", b.Reseller)
	}
	if _, ok := d.Sellers.Get(b.Seller); !ok {
		d.refuse(SellerNotFound, "no seller %s", b.Seller)
	}
	for _, p := range b.Products {
		d.product(p.Product)
	}
	for _, id := range b.CreatePermission {
		if _, ok := d.Users.Get(id); !ok {
			d.refuse(UserNotFound, "no user %s", id)
		}
	}
	old, exists := d.Contracts.Get(b.ID)
	if exists && old.Used {
		b.checkUnchanged(d, old)
	}
	if d.refused() {
		return
	}
	d.Contracts.put(b.ID, b.row(old.Used, d.At))
	usage := d.usage[b.Reseller]
	usage.Contracts = true
	d.usage[b.Reseller] = usage
	d.summary = fmt.Sprintf("contract %s between %s and %s put", b.ID, b.Seller, b.Reseller)
}

// checkUnchanged applies rule 6 to a contract under which something was bought.
func (b PutContract) checkUnchanged(d *Decision, old Contract) {
	switch {
	case old.Seller != b.Seller:
		d.refuse(InUse, "%s has been bought under; its seller stays %s", b.ID, old.Seller)
	case old.Reseller != b.Reseller:
		d.refuse(InUse, "%s has been bought under; its reseller stays %s", b.ID, old.Reseller)
	case old.Currency != b.Currency:
		d.refuse(InUse, "%s has been bought under; its currency stays %s", b.ID, old.Currency)
	case old.TimeZone != b.TimeZone:
		d.refuse(InUse, "%s has been bought under; its time zone stays %s", b.ID, old.TimeZone)
	case old.DayCount != b.DayCount:
		d.refuse(InUse, "%s has been bought under; its day_count stays %s", b.ID, old.DayCount)
	}
}

func (b PutContract) row(used bool, at time.Time) Contract {
	c := Contract{
		Contract: b.ID, Seller: b.Seller, Reseller: b.Reseller, Status: b.Status, StartsOn: b.StartsOn, EndsOn: b.EndsOn,
		Currency: b.Currency, TimeZone: b.TimeZone, DayCount: b.DayCount, PaymentTermsDays: int64(b.PaymentTermsDays),
		PurchaseOrderRequired: b.PurchaseOrderRequired, MinimumQuantity: int64(b.MinimumQuantity),
		FinanceEmails: b.FinanceEmails, CreatePermission: b.CreatePermission, Products: b.Products,
		Used: used, ChangedAt: at,
	}
	if b.MaxSeatsPerCustomer != nil {
		c.MaxSeatsPerCustomer = (*int64)(b.MaxSeatsPerCustomer)
	}
	return c
}

// terms applies rules 2, 4 and 5 to a purchase under a contract and returns the price.
func (d *Decision) terms(c Contract, product ProductID, way Plan, quantity int64, purchaseOrder Name) Price {
	d.needActive(c)
	if c.PurchaseOrderRequired && purchaseOrder == "" {
		d.refuse(PurchaseOrderRequired, "contract %s wants a purchase-order number", c.Contract)
	}
	if quantity < c.MinimumQuantity {
		d.refuse(QuantityBelowMinimum, "%d asked for; contract %s sells %d or more", quantity, c.Contract, c.MinimumQuantity)
	}
	prices, sold := c.Sells(product)
	if !sold {
		d.refuse(ProductNotInContract, "contract %s does not have %s", c.Contract, product)
		return Price{}
	}
	price := prices.For(way)
	if price == nil {
		d.refuse(PlanNotInContract, "contract %s has %s, but no %s price for it", c.Contract, product, way)
		return Price{}
	}
	return *price
}

// needActive applies rule 2.
func (d *Decision) needActive(c Contract) {
	today := c.Today(d.At)
	switch {
	case c.Status != ContractActive:
		d.refuse(ContractInactive, "contract %s is %s", c.Contract, c.Status)
	case today < c.StartsOn:
		d.refuse(ContractInactive, "contract %s starts on %s", c.Contract, c.StartsOn)
	case c.EndsOn != 0 && today > c.EndsOn:
		d.refuse(ContractInactive, "the last day of contract %s was %s", c.Contract, c.EndsOn)
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

// charge bills licenses in full at their price.
func (d *Decision) charge(kind string, c Contract, account AccountID, product ProductID, quantity int64, price Price, po Name, note Note) {
	today := c.Today(d.At)
	amount := Round(price.Mul(decimal.NewFromInt(quantity)), string(c.Currency))
	d.Charges = append(d.Charges, Charge{
		No: d.No, N: d.nextFact(), Contract: c.Contract, Period: today.FirstOfMonth(), Account: account, Product: product,
		Kind: kind, Quantity: quantity, UnitPrice: price.Decimal, Amount: amount, Currency: c.Currency,
		EffectiveOn: today, FromOn: today, ToOn: today, PurchaseOrder: po, Note: note,
	})
	d.result.Charges = append(d.result.Charges, ChargeResult{
		Product: product, Quantity: quantity, UnitPrice: price, Amount: Money(amount, string(c.Currency)), Currency: c.Currency,
	})
}
