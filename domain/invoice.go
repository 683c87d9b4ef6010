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
	// Latest is the latest invoice under the contract before this one, for a credit note to name.
	Latest Preceding
}

// Preceding names an earlier invoice.
type Preceding struct {
	Number   string `json:"number"`
	IssuedOn Date   `json:"issued_on"`
}

// Party is one side of an invoice as it was when the invoice was made.
type Party struct {
	ID        string  `json:"id"`
	Name      Name    `json:"name"`
	Address   Address `json:"address"`
	VATNumber Name    `json:"vat_number,omitempty"`
	Email     Email   `json:"email"`          // for questions; of the reseller, where the invoice goes
	IBAN      Name    `json:"iban,omitempty"` // of the seller, to be paid to
	BIC       Name    `json:"bic,omitempty"`
}

// Invoice is what a reseller owes for a month under a contract. Amounts of a
// credit note are below zero, like those of the lines it sums. It is stored as it
// is here: all its documents follow from it, whatever happens to the parties'
// names and addresses afterwards.
type Invoice struct {
	Number    string          `json:"number"` // with IssuedOn and DueOn: none before it is finalised
	Type      int             `json:"type"`
	Preceding *Preceding      `json:"preceding,omitempty"` // the invoice that a credit note names
	Seller    Party           `json:"seller"`
	Reseller  Party           `json:"reseller"`
	Contract  ContractID      `json:"contract"`
	Locale    Locale          `json:"locale"` // the language of those who read it
	Month     Date            `json:"month"`
	Currency  Currency        `json:"currency"`
	IssuedOn  Date            `json:"issued_on"`
	DueOn     Date            `json:"due_on"`
	Lines     []InvoiceLine   `json:"lines"`
	VAT       []VATLine       `json:"vat"`
	Net       decimal.Decimal `json:"net"`
	VATTotal  decimal.Decimal `json:"vat_total"`
	Total     decimal.Decimal `json:"total"`
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
	i := f.heading()
	i.Lines, i.VAT = lines, sumVAT(lines, f.Contract.Currency)
	for _, l := range i.Lines {
		i.Net = i.Net.Add(l.Net)
	}
	for _, v := range i.VAT {
		i.VATTotal = i.VATTotal.Add(v.Amount)
	}
	i.Total = i.Net.Add(i.VATTotal)
	if i.Net.IsNegative() {
		i.Type = TypeCreditNote
		if f.Latest.Number != "" {
			i.Preceding = &f.Latest
		}
	}
	return i, nil
}

func (f InvoiceFacts) heading() *Invoice {
	s, r := f.Parties.Seller, f.Parties.Reseller
	i := &Invoice{
		Type: TypeInvoice, Contract: f.Contract.Contract, Locale: r.Locale, Month: f.Month, Currency: f.Contract.Currency,
		Seller:   Party{ID: string(s.Seller), Name: s.Name, Address: s.Address, VATNumber: s.VATNumber, Email: s.Email, IBAN: s.IBAN, BIC: s.BIC},
		Reseller: Party{ID: string(r.Account), Name: r.Name, Address: r.Address, VATNumber: r.VATNumber},
	}
	if len(f.Contract.FinanceEmails) > 0 {
		i.Reseller.Email = f.Contract.FinanceEmails[0]
	}
	return i
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

// Money writes an amount in the invoice's currency.
func (i *Invoice) Money(amount decimal.Decimal) string { return Money(amount, string(i.Currency)) }
