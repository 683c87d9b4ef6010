package store

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
)

// mailInvoice tells the contract's finance addresses of an invoice.
func (c *closer) mailInvoice(i *domain.Invoice, facts domain.InvoiceFacts, m closing) {
	facts.Contract.FinanceEmails = compactEmails(facts.Contract.FinanceEmails)
	said := mailOf(i, facts.Reseller.Name)
	c.said = append(c.said, said)
	c.seller = facts.Seller
	for _, to := range facts.Contract.FinanceEmails {
		c.mail(domain.MailInvoiceIssued, facts.Reseller, string(to), fmt.Sprintf("%s:%s:%s", domain.MailInvoiceIssued, m.Contract, domain.Period(m.Period)),
			domain.MailParams{Account: facts.Reseller.Name, Reseller: facts.Reseller.Name, Seller: facts.Seller.Name, Invoice: &said})
	}
}

func compactEmails(emails []domain.Email) []domain.Email {
	seen := map[domain.Email]bool{}
	var once []domain.Email
	for _, e := range emails {
		if !seen[e] {
			seen[e] = true
			once = append(once, e)
		}
	}
	return once
}

func mailOf(i *domain.Invoice, reseller domain.Name) domain.MailInvoice {
	money := func(d decimal.Decimal) string { return domain.Money(d, string(i.Currency)) }
	return domain.MailInvoice{
		Number: i.Number, Type: i.Type, Contract: i.Contract, Reseller: reseller, Period: domain.Period(i.Month),
		Net: money(i.Net), VAT: money(i.VATTotal), Total: money(i.Total), Currency: i.Currency, IssuedOn: i.IssuedOn, DueOn: i.DueOn,
	}
}

// mailMonths tells the seller's finance address what came of its months.
func (c *closer) mailMonths(seller domain.SellerID) {
	byPeriod := map[domain.Date]*domain.MailMonth{}
	var periods []domain.Date
	for _, m := range c.months {
		if byPeriod[m.Period] == nil {
			byPeriod[m.Period] = &domain.MailMonth{Period: domain.Period(m.Period)}
			periods = append(periods, m.Period)
		}
	}
	for _, said := range c.said {
		month := byPeriod[domain.Date(said.Period)]
		month.Invoices = append(month.Invoices, said)
		if said.Type == domain.TypeCreditNote {
			month.Credited++
		} else {
			month.Issued++
		}
	}
	for _, a := range c.attention {
		month := byPeriod[a.period]
		month.Attention, month.AttentionCount = append(month.Attention, a.what), month.AttentionCount+1
	}
	for _, period := range periods {
		month := byPeriod[period]
		month.Totals = totals(month.Invoices)
		if len(month.Invoices)+len(month.Attention) == 0 {
			continue // nothing happened that finance has to know
		}
		cause := fmt.Sprintf("%s:%s:%s:%d", domain.MailMonthClosed, seller, month.Period, c.no)
		c.mail(domain.MailMonthClosed, domain.Account{}, string(c.seller.FinanceEmail), cause, domain.MailParams{Account: c.seller.Name, Month: month})
	}
}

// totals sums up invoices by currency, in the order in which currencies appear.
func totals(invoices []domain.MailInvoice) []domain.MailTotal {
	type sum struct{ net, vat, total decimal.Decimal }
	sums := map[domain.Currency]*sum{}
	var order []domain.Currency
	for _, i := range invoices {
		if sums[i.Currency] == nil {
			sums[i.Currency] = &sum{}
			order = append(order, i.Currency)
		}
		s := sums[i.Currency]
		s.net = s.net.Add(decimal.RequireFromString(i.Net))
		s.vat = s.vat.Add(decimal.RequireFromString(i.VAT))
		s.total = s.total.Add(decimal.RequireFromString(i.Total))
	}
	all := make([]domain.MailTotal, len(order))
	for i, currency := range order {
		s := sums[currency]
		money := func(d decimal.Decimal) string { return domain.Money(d, string(currency)) }
		all[i] = domain.MailTotal{Currency: currency, Net: money(s.net), VAT: money(s.vat), Total: money(s.total)}
	}
	return all
}

func (c *closer) mail(event string, about domain.Account, to, cause string, params domain.MailParams) {
	locale := about.Locale
	if locale == "" {
		locale = "en"
	}
	c.mails = append(c.mails, domain.Mail{
		No: c.no, N: int64(len(c.mails) + 1), Event: event, Account: about.Account, Recipient: to, Locale: locale,
		Params: params, CreatedAt: c.now, Cause: cause,
	})
}
