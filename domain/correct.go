package domain

import (
	"encoding/json"
	"fmt"
	"time"
)

// Period is a calendar month, by its first day.
type Period Date

// MarshalJSON writes "YYYY-MM".
func (p Period) MarshalJSON() ([]byte, error) { return json.Marshal(p.String()) }

func (p Period) String() string { return Date(p).utc().Format("2006-01") }

// UnmarshalJSON reads "YYYY-MM".
func (p *Period) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err == nil {
		if t, err := time.Parse("2006-01", s); err == nil {
			*p = Period(NewDate(t.Date()))
			return nil
		}
	}
	return fmt.Errorf("must be a month like \"2026-11\"")
}

func (Period) Schema() Schema {
	return Schema{"type": "string", "pattern": `^[0-9]{4}-(0[1-9]|1[0-2])$`}
}

// CorrectCharge puts a closed month right by an adjustment on the next invoice.
type CorrectCharge struct {
	Contract ContractID `json:"contract"`
	Account  AccountID  `json:"account"`
	Product  ProductID  `json:"product,omitempty"`
	Period   Period     `json:"period"`
	Amount   Amount     `json:"amount"`
	Why      Name       `json:"why"`
}

func (CorrectCharge) Kind() string                   { return "charge.correct" }
func (CorrectCharge) Reads(*State, *Envelope, *Keys) {}

// Doc says what the command gives and what can refuse it.
func (CorrectCharge) Doc() Doc {
	return Doc{
		Results: "charges",
		Reasons: []Reason{AccountNotFound, ContractNotFound, ProductNotFound, CurrencyMismatch, NotOwnCustomer},
	}
}

func (b CorrectCharge) Decide(d *Decision) {
	account, known := d.Accounts.Get(b.Account)
	if !known {
		d.refuse(AccountNotFound, "no account %s", b.Account)
	}
	contract, known := d.Contracts.Get(b.Contract)
	if !known {
		d.refuse(ContractNotFound, "no contract %s", b.Contract)
	}
	if b.Product != "" {
		d.product(b.Product)
	}
	if d.refused() {
		return
	}
	if account.Account != contract.Reseller && account.Parent != contract.Reseller {
		d.refuse(NotOwnCustomer, "%s is neither the reseller of contract %s nor one of its customers", b.Account, b.Contract)
	}
	if -b.Amount.Exponent() > MinorDigits(string(contract.Currency)) && !b.Amount.Equal(Round(b.Amount.Decimal, string(contract.Currency))) {
		d.refuse(CurrencyMismatch, "%s has %d decimals", contract.Currency, MinorDigits(string(contract.Currency)))
	}
	if d.refused() {
		return
	}
	month := Date(b.Period)
	d.charge("correction", contract, b.Account, b.Product, 1, Price{b.Amount.Decimal}, Charge{
		FromOn: month, ToOn: month.AddMonths(1) - 1, Adjusts: month, Note: Note(b.Why),
	})
	d.summary = fmt.Sprintf("%s %s on the next invoice of %s for %s: %s",
		Money(b.Amount.Decimal, string(contract.Currency)), contract.Currency, b.Contract, b.Period, b.Why)
}
