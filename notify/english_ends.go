package notify

import (
	"fmt"
	"strings"

	"github.com/licenseledger/licenseledger/domain"
)

// What is about to end, has ended, or is owed.

func englishStockExpiringSubject(p domain.MailParams) string {
	return fmt.Sprintf("%s in stock %s after %s", englishWhat(p), englishVerb(p, "expires", "expire"), englishDate(lastDay(p)))
}

func englishStockExpiring(m domain.Mail) letter {
	p := m.Params
	l := letter{
		badge:    "Expires soon",
		greeting: englishGreeting(m.Name),
		lead: fmt.Sprintf("%s in the stock of %s %s after %s.",
			englishWhat(p), p.Account, englishVerb(p, "expires", "expire"), englishDate(lastDay(p))),
		next: fmt.Sprintf("Move %s to a customer by then, by transfer, sale or deployment: moved licenses run for a full term from that day, "+
			"and nothing more is charged. A transfer to a sub-reseller does not change the last day. What is left afterwards expires.",
			englishVerb(p, "it", "them")),
		reason: englishReason(fmt.Sprintf("you are a manager of %s", p.Account)),
	}
	return englishStock(l, p)
}

func englishStockExpiredSubject(p domain.MailParams) string {
	return fmt.Sprintf("%s in stock %s expired", englishWhat(p), englishVerb(p, "has", "have"))
}

func englishStockExpired(m domain.Mail) letter {
	p := m.Params
	l := letter{
		badge:    "Expired",
		greeting: englishGreeting(m.Name),
		lead:     fmt.Sprintf("%s in the stock of %s %s expired.", englishWhat(p), p.Account, englishVerb(p, "has", "have")),
		next: fmt.Sprintf("%s can no longer be moved. What was moved to customers before is not affected.",
			englishVerb(p, "It", "They")),
		reason: englishReason(fmt.Sprintf("you are a manager of %s", p.Account)),
	}
	return englishStock(l, p)
}

// englishStock are the facts of stock; what is valid there is the stock itself.
func englishStock(l letter, p domain.MailParams) letter {
	l.facts = append(l.facts, fact{"Stock of", string(p.Account)})
	for _, x := range p.Licenses {
		l.facts = append(l.facts, fact{"Product", string(x.Product)}, fact{"Quantity", englishNumber(x.Quantity)},
			fact{"Bought on", englishDate(x.StartsOn)}, fact{"Last valid day", englishDate(x.LastDay)}, fact{"Lot", string(x.Lot)})
	}
	return l
}

func englishLicenseExpiringSubject(p domain.MailParams) string {
	return fmt.Sprintf("%s of %s %s after %s", englishWhat(p), p.Account, englishVerb(p, "expires", "expire"), englishDate(lastDay(p)))
}

func englishLicenseExpiring(m domain.Mail) letter {
	p := m.Params
	renewed := fmt.Sprintf("To keep %s, have %s renewed by that day", englishVerb(p, "it", "them"), englishVerb(p, "it", "them"))
	if p.Reseller != "" {
		renewed = fmt.Sprintf("%s can renew %s until that day", p.Reseller, englishVerb(p, "it", "them"))
	}
	l := letter{
		badge:    "Expires soon",
		greeting: englishGreeting(m.Name),
		lead:     englishLicenseExpiringSubject(p) + ".",
		facts:    []fact{{"Owner", string(p.Account)}},
		next: fmt.Sprintf("%s: the new term begins the day after, and whatever is deployed or allocated stays so. "+
			"What is not renewed expires, also where it is in use.", renewed),
		reason: englishLicenseReason(p),
	}
	l = englishItems(l, p)
	l.facts = append(l.facts, fact{"Provided by", string(p.Reseller)})
	return l
}

func englishLicenseExpiredSubject(p domain.MailParams) string {
	return fmt.Sprintf("%s of %s %s expired", englishWhat(p), p.Account, englishVerb(p, "has", "have"))
}

func englishLicenseExpired(m domain.Mail) letter {
	p := m.Params
	l := letter{
		badge:    "Expired",
		greeting: englishGreeting(m.Name),
		lead:     englishLicenseExpiredSubject(p) + ".",
		facts:    []fact{{"Owner", string(p.Account)}},
		next: englishVerb(p, "The license can no longer be used, and its deployment or allocation has ended.",
			"The licenses can no longer be used, and their deployments and allocations have ended."),
		reason: englishLicenseReason(p),
	}
	if p.Reseller != "" {
		l.next += fmt.Sprintf(" If %s still needed, %s can renew %s: the new term begins on that day.",
			englishVerb(p, "it is", "they are"), p.Reseller, englishVerb(p, "it", "them"))
	}
	l = englishItems(l, p)
	l.facts = append(l.facts, fact{"Provided by", string(p.Reseller)})
	return l
}

// englishLicenseReason is for the managers of a customer and of its reseller.
func englishLicenseReason(p domain.MailParams) string {
	if p.Reseller == "" {
		return englishReason(fmt.Sprintf("you are a manager of %s", p.Account))
	}
	return englishReason(fmt.Sprintf("you are a manager of %s or %s", p.Account, p.Reseller))
}

func englishRenewingSubject(p domain.MailParams) string {
	return fmt.Sprintf("Subscription renews on %s: %s for %s", englishDate(seatsOf(p).LastDay+1), englishWhat(p), p.Account)
}

func englishRenewing(m domain.Mail) letter {
	p, s := m.Params, seatsOf(m.Params)
	last, renews := englishDate(s.LastDay), englishDate(s.LastDay+1)
	l := letter{
		badge:    "Renews soon",
		greeting: englishGreeting(m.Name),
		lead:     fmt.Sprintf("The subscription of %s renews on %s with %s for another 12 months.", p.Account, renews, englishWhat(p)),
		facts: []fact{
			{"Customer", string(p.Account)},
			{"Product", string(s.Product)},
			{"Seats now", englishNumber(s.Seats)},
			{"Seats then", englishNumber(s.Quantity)},
			{"Plan", englishPlan(s.Plan)},
			{"Renews on", renews},
			{"Last day of the term", last},
			{"Subscription", string(s.Subscription)},
			{"Provided by", string(p.Reseller)},
		},
		next:   fmt.Sprintf("If that is right, no action is needed. The seats of the next term can be changed until %s.", last),
		reason: englishLicenseReason(p),
	}
	if p.Reseller != "" {
		l.next = fmt.Sprintf("If that is right, no action is needed. Until %s, %s can change the seats of the next term, "+
			"and %s or %s can let the subscription end instead.", last, p.Reseller, p.Account, p.Reseller)
	}
	return l
}

func englishRenewedSubject(p domain.MailParams) string {
	return fmt.Sprintf("Subscription renewed: %s for %s", englishWhat(p), p.Account)
}

func englishRenewed(m domain.Mail) letter {
	p, s := m.Params, seatsOf(m.Params)
	return letter{
		badge:    "Renewed",
		greeting: englishGreeting(m.Name),
		lead:     fmt.Sprintf("The subscription of %s for %s has been renewed for 12 months.", p.Account, englishWhat(p)),
		facts: []fact{
			{"Customer", string(p.Account)},
			{"Product", string(s.Product)},
			{"Seats", englishNumber(s.Seats)},
			{"Plan", englishPlan(s.Plan)},
			{"Last day of the term", englishDate(s.LastDay)},
			{"Subscription", string(s.Subscription)},
			{"Provided by", string(p.Reseller)},
		},
		next: fmt.Sprintf("No action is needed: %s in use. During the term seats can be added but not taken away.",
			englishVerb(p, "the seat stays", "the seats stay")),
		reason: englishLicenseReason(p),
	}
}

func englishIssuedSubject(p domain.MailParams) string {
	i := invoiceOf(p)
	switch subject := fmt.Sprintf("Invoice %s for %s: %s", i.Number, englishMonth(i.Period), englishMoney(i.Currency, i.Total)); {
	case isCreditNote(i):
		return fmt.Sprintf("Credit note %s for %s: %s", i.Number, englishMonth(i.Period), englishMoney(i.Currency, negated(i.Total)))
	case payable(i):
		return subject + ", due on " + englishDate(i.DueOn)
	default:
		return subject
	}
}

func englishIssued(m domain.Mail) letter {
	p, i := m.Params, invoiceOf(m.Params)
	if isCreditNote(i) {
		return englishCredited(m)
	}
	l := letter{
		badge:    "Invoice",
		greeting: englishGreeting(m.Name),
		lead: fmt.Sprintf("Invoice %s for %s comes to %s. There is nothing to pay.",
			i.Number, englishMonth(i.Period), englishMoney(i.Currency, i.Total)),
		facts: englishInvoiceFacts(p, []fact{
			{"Invoice", i.Number},
			{"Net", englishMoney(i.Currency, i.Net)},
			{"VAT", englishMoney(i.Currency, i.VAT)},
			{"Total", englishMoney(i.Currency, i.Total)},
			{"Issued on", englishDate(i.IssuedOn)},
		}),
		next:   "No action is needed. " + englishKept("invoice"),
		reason: englishFinanceReason(i),
	}
	if payable(i) {
		due := englishDate(i.DueOn)
		l.lead = fmt.Sprintf("Invoice %s for %s comes to %s, due on %s.", i.Number, englishMonth(i.Period), englishMoney(i.Currency, i.Total), due)
		l.facts = append(l.facts, fact{"Due on", due})
		l.next = fmt.Sprintf("Please pay by %s and give the invoice number, %s. %s", due, i.Number, englishKept("invoice"))
	}
	return l
}

func englishCredited(m domain.Mail) letter {
	p, i := m.Params, invoiceOf(m.Params)
	return letter{
		badge:    "Credit note",
		greeting: englishGreeting(m.Name),
		lead: fmt.Sprintf("Credit note %s for %s credits %s with %s.",
			i.Number, englishMonth(i.Period), i.Reseller, englishMoney(i.Currency, negated(i.Total))),
		facts: englishInvoiceFacts(p, []fact{
			{"Credit note", i.Number},
			{"Net credited", englishMoney(i.Currency, negated(i.Net))},
			{"VAT credited", englishMoney(i.Currency, negated(i.VAT))},
			{"Total credited", englishMoney(i.Currency, negated(i.Total))},
			{"Issued on", englishDate(i.IssuedOn)},
		}),
		next:   "There is nothing to pay: the amount is in your favour. " + englishKept("credit note"),
		reason: englishFinanceReason(i),
	}
}

// englishInvoiceFacts puts whom an invoice is from and for before what it says.
func englishInvoiceFacts(p domain.MailParams, facts []fact) []fact {
	i := invoiceOf(p)
	return append([]fact{
		{"From", string(p.Seller)}, {"To", string(i.Reseller)}, {"Contract", string(i.Contract)}, {"Month", englishMonth(i.Period)},
	}, facts...)
}

func englishKept(document string) string {
	return fmt.Sprintf("The %s is kept line by line, as CSV and as JSON, under its number.", document)
}

func englishFinanceReason(i domain.MailInvoice) string {
	return englishReason(fmt.Sprintf("this address gets the invoices under contract %s of %s", i.Contract, i.Reseller))
}

func englishClosedSubject(p domain.MailParams) string {
	month := monthOf(p)
	subject := fmt.Sprintf("%s for %s: %s", englishMonth(month.Period), p.Account, englishDocuments(month.Invoices))
	if n := len(month.Attention); n > 0 {
		subject += ", " + englishAttention(n)
	}
	return subject
}

// englishClosed does not say that the whole month is closed: contracts in other
// zones, or without a rate, may follow.
func englishClosed(m domain.Mail) letter {
	p, month := m.Params, monthOf(m.Params)
	l := letter{
		badge:    "Month closed",
		greeting: englishGreeting(m.Name),
		lead:     fmt.Sprintf("%s issued %s for %s.", p.Account, englishDocuments(month.Invoices), englishMonth(month.Period)),
		facts:    []fact{{"Seller", string(p.Account)}, {"Month", englishMonth(month.Period)}},
		table:    englishInvoices(month.Invoices),
		next:     "No action is needed. What turns out to be wrong in a closed month is put right on the next invoice.",
		reason:   englishReason(fmt.Sprintf("this is the finance address of %s", p.Account)),
	}
	for _, t := range month.Totals {
		l.facts = append(l.facts, fact{"Total in " + string(t.Currency), englishSum(t.Net, t.VAT, t.Total)})
	}
	if n := len(month.Attention); n > 0 {
		l.badge, l.next = "Needs attention", "An invoice that could not be made stays due, and is made as soon as what it lacks is on file."
		l.lead += " " + englishAttention(n) + "."
		lines, more := firstOf(month.Attention)
		for _, a := range lines {
			l.tasks.lines = append(l.tasks.lines, fmt.Sprintf("contract %s: no VAT rate of %s for %s is on file %s", a.Contract, a.Country, a.On, a.Subscription))
		}
		if more > 0 {
			l.tasks.lines = append(l.tasks.lines, englishMore(more))
		}
	}
	return l
}

// englishInvoices is a table of the invoices of a month.
func englishInvoices(all []domain.MailInvoice) table {
	if len(all) == 0 {
		return table{}
	}
	t := table{label: "Invoices", head: []column{{label: "Invoice"}, {label: "Due on"}, {label: "Total", number: true}}}
	invoices, more := firstOf(all)
	for _, i := range invoices {
		name, due, whose := "invoice "+i.Number, englishDate(i.DueOn), fmt.Sprintf("%s, contract %s", i.Reseller, i.Contract)
		plain := ""
		switch {
		case isCreditNote(i):
			name, due = "credit note "+i.Number, "credit note"
		case !payable(i):
			due = "nothing to pay"
			plain = ", " + due
		default:
			plain = ", due on " + due
		}
		t.rows = append(t.rows, []cell{
			{main: i.Number, under: whose}, {main: due}, {main: englishMoney(i.Currency, i.Total), under: englishParts(i.Net, i.VAT)},
		})
		t.plain = append(t.plain, fmt.Sprintf("%s to %s: %s %s%s", name, whose, i.Currency, englishSum(i.Net, i.VAT, i.Total), plain))
	}
	if more > 0 {
		t.rows, t.plain = append(t.rows, []cell{{main: englishMore(more)}, {}, {}}), append(t.plain, englishMore(more))
	}
	return t
}

// englishDocuments is "3 invoices and 1 credit note".
func englishDocuments(invoices []domain.MailInvoice) string {
	credits := 0
	for _, i := range invoices {
		if isCreditNote(i) {
			credits++
		}
	}
	var words []string
	if n := len(invoices) - credits; n > 0 {
		words = append(words, englishCount(n, "invoice", "invoices"))
	}
	if credits > 0 {
		words = append(words, englishCount(credits, "credit note", "credit notes"))
	}
	if len(words) == 0 {
		return "no invoices"
	}
	return strings.Join(words, " and ")
}

func englishAttention(n int) string {
	return englishCount(n, "thing needs", "things need") + " attention"
}

func englishMore(n int) string { return fmt.Sprintf("and %s more", englishNumber(int64(n))) }

func englishCount(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return englishNumber(int64(n)) + " " + several
}

// englishSum is "1,190.00 (net 1,000.00, VAT 190.00)".
func englishSum(net, vat, total string) string {
	return fmt.Sprintf("%s (%s)", englishAmount(total), englishParts(net, vat))
}

func englishParts(net, vat string) string {
	return fmt.Sprintf("net %s, VAT %s", englishAmount(net), englishAmount(vat))
}
