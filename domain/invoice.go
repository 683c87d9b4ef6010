package domain

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// Types of invoices, as UNTDID 1001 numbers them.
const (
	TypeInvoice    = 380
	TypeCreditNote = 381
)

// Parties are between whom an invoice is.
type Parties struct {
	Seller   Seller
	Reseller Account
}

// InvoiceFacts are what the invoice of a contract for a month follows from. The
// same facts give the same invoice, to the byte.
type InvoiceFacts struct {
	Parties
	Contract  Contract
	Month     Date // its first day
	Seats     []SeatMonth
	Charges   []Charge // of the contract with this month as their period
	Products  map[ProductID]Name
	Customers map[AccountID]Name
	Taxes     []Tax
	// Then has the parties as they were in a month that a charge adjusts, by its
	// first day, where they were others than today.
	Then map[Date]Parties
	// Latest is the number of the latest invoice under the contract, for a credit note to name.
	Latest string
}

// Invoice is what a reseller owes for a month under a contract. Amounts of a
// credit note are below zero, like those of the lines it sums.
type Invoice struct {
	Number    string // with IssuedOn and DueOn: none before it is finalised
	Type      int
	Preceding string // the invoice that a credit note names
	Seller    SellerID
	Contract  ContractID
	Account   AccountID
	Month     Date
	Currency  Currency
	IssuedOn  Date
	DueOn     Date
	Lines     []InvoiceLine
	VAT       []VATLine
	Net       decimal.Decimal
	VATTotal  decimal.Decimal
	Total     decimal.Decimal
}

// Invoice sums up the month. No invoice and no missing rate: there is nothing to
// invoice.
func (f InvoiceFacts) Invoice() (*Invoice, *MissingRate) {
	lines := f.lines()
	if len(lines) == 0 {
		return nil, nil
	}
	if missing := f.tax(lines); missing != nil {
		return nil, missing
	}
	i := &Invoice{
		Type: TypeInvoice, Seller: f.Contract.Seller, Contract: f.Contract.Contract, Account: f.Contract.Reseller,
		Month: f.Month, Currency: f.Contract.Currency, Lines: lines, VAT: sumVAT(lines, f.Contract.Currency),
	}
	for _, l := range i.Lines {
		i.Net = i.Net.Add(l.Net)
	}
	for _, v := range i.VAT {
		i.VATTotal = i.VATTotal.Add(v.Amount)
	}
	i.Total = i.Net.Add(i.VATTotal)
	if i.Net.IsNegative() {
		i.Type, i.Preceding = TypeCreditNote, f.Latest
	}
	return i, nil
}

// tax gives every line the category and rate of the last day of its month; an
// adjustment is taxed as what it adjusts was.
func (f InvoiceFacts) tax(lines []InvoiceLine) *MissingRate {
	taxed := map[Date]vat{}
	for i := range lines {
		l := &lines[i]
		month, parties := f.Month, f.Parties
		if l.Adjusts != 0 {
			month = l.Adjusts
			if then, others := f.Then[month]; others {
				parties = then
			}
		}
		v, known := taxed[month]
		if !known {
			var missing *MissingRate
			if v, missing = vatOn(parties, f.Taxes, month.AddMonths(1)-1); missing != nil {
				return missing
			}
			taxed[month] = v
		}
		l.VATCategory, l.VATRate = v.Category, v.Rate
	}
	return nil
}

// InvoiceNumber is how the n-th invoice of a seller is called.
func InvoiceNumber(prefix Name, n int64) string { return fmt.Sprintf("%s%06d", prefix, n) }

// Finalise gives the invoice its number and its dates.
func (i *Invoice) Finalise(number string, on Date, paymentTermsDays int64) {
	i.Number, i.IssuedOn, i.DueOn = number, on, on+Date(paymentTermsDays) //nolint:gosec // ten years at most
}

// sortLines groups lines by customer, then product; within a product they stay
// as they are. What is for no product comes last.
func sortLines(lines []InvoiceLine) {
	slices.SortStableFunc(lines, func(a, b InvoiceLine) int {
		switch {
		case a.Customer != b.Customer:
			return compareIDs(a.Customer, b.Customer)
		case (a.Product == "") != (b.Product == ""):
			return -compareIDs(a.Product, b.Product)
		}
		return compareIDs(a.Product, b.Product)
	})
}
