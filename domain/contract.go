package domain

import (
	"fmt"
	"time"
)

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

// Doc says what the command gives and what can refuse it.
func (PutContract) Doc() Doc {
	return Doc{
		Reasons: []Reason{AccountNotFound, ProductNotFound, SellerNotFound, UserNotFound, InUse, CurrencyMismatch},
	}
}

func (PutContract) FieldRules() []FieldRule {
	return []FieldRule{{Needs: "finance_emails", What: "needs at least one address"}}
}

// CheckFields says which fields contradict each other.
func (b PutContract) CheckFields(wrong func(field, what string)) {
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
	reseller, ok := d.Accounts.Get(b.Reseller)
	if !ok {
		d.refuse(AccountNotFound, "no account %s", b.Reseller)
	} else if reseller.Kind != Reseller {
		d.refuse(AccountNotFound, "%s is a customer; a contract is with a reseller", b.Reseller)
	}
	seller, ok := d.Sellers.Get(b.Seller)
	if !ok {
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
	contract := b.row(old.Used, d.At)
	d.needOneVATCurrency(seller, reseller, contract)
	if d.refused() {
		return
	}
	d.Contracts.put(b.ID, contract)
	nextMonth := contract.Today(d.At).FirstOfMonth().AddMonths(1)
	d.Openings = append(d.Openings, BillingOpening{
		Contract: b.ID, Seller: b.Seller, NextCloseAt: nextMonth.StartIn(contract.Zone()).UTC(), At: d.At,
	})
	d.ContractPrices = append(d.ContractPrices, ContractPrices{Contract: b.ID, At: d.At, No: d.No, Products: b.Products})
	if exists {
		d.ContractEnds = append(d.ContractEnds, ContractEnd{Contract: b.ID, DueAt: contract.endOfFlexible()})
	}
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
