package domain

import (
	"fmt"
	"maps"
	"slices"
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

// Doc says what the command gives and what can refuse it.
func (PutSeller) Doc() Doc {
	return Doc{Reasons: []Reason{CurrencyMismatch}}
}

func (b PutSeller) Decide(d *Decision) {
	seller := Seller{
		Seller: b.ID, Name: b.Name, Address: b.Address, VATNumber: b.VATNumber, Currency: b.Currency,
		Email: b.Email, FinanceEmail: b.FinanceEmail, InvoicePrefix: b.InvoicePrefix, IBAN: b.IBAN, BIC: b.BIC,
		ChangedAt: d.At,
	}
	for _, c := range d.contractsWhere(func(c Contract) bool { return c.Seller == b.ID }) {
		d.needOneVATCurrency(seller, d.Accounts.rows[c.Reseller], c)
	}
	if d.refused() {
		return
	}
	d.Sellers.put(b.ID, seller)
	d.summary = fmt.Sprintf("seller %s (%s) put", b.ID, b.Name)
}

// contractsWhere returns contracts in id order, so that the same one is named each time.
func (d *Decision) contractsWhere(fits func(Contract) bool) []Contract {
	var found []Contract
	for _, id := range slices.Sorted(maps.Keys(d.Contracts.rows)) {
		if c := d.Contracts.rows[id]; fits(c) {
			found = append(found, c)
		}
	}
	return found
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

// Doc says what the command gives and what can refuse it.
func (PutTax) Doc() Doc {
	return Doc{}
}

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

// Doc says what the command gives and what can refuse it.
func (PutProduct) Doc() Doc {
	return Doc{Reasons: []Reason{InUse}}
}

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

// Doc says what the command gives and what can refuse it.
func (PutUser) Doc() Doc {
	return Doc{Reasons: []Reason{AccountNotFound}}
}

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
