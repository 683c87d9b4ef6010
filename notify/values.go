package notify

import (
	"strconv"
	"strings"

	"github.com/licenseledger/licenseledger/domain"
)

// facts are what the messages about a mail may name in braces.
func (l *language) facts(p domain.MailParams) known {
	total, product := sum(p)
	facts := known{
		"account": string(p.Account), "reseller": string(p.Reseller), "receiver": string(p.Receiver), "source": string(p.Source),
		"by": string(p.By), "order": string(p.Order), "deployment": string(p.Deployment), "product": string(product),
		"last_day": l.day(lastDay(p)),
	}
	if total > 0 {
		facts["what"] = l.whatOf(p)
	}
	if s := p.Seats; s != nil && s.LastDay != 0 {
		facts["renews_on"] = l.day(s.LastDay + 1)
	}
	if i := p.Invoice; i != nil {
		amount := i.Total
		if isCreditNote(*i) {
			amount = negated(i.Total)
		}
		facts["reseller"], facts["contract"], facts["number"] = string(i.Reseller), string(i.Contract), i.Number
		facts["month"], facts["total"] = l.monthOf(i.Period), l.amountIn(i.Currency, amount)
		if payable(*i) {
			facts["due"] = l.day(i.DueOn)
		}
	}
	if m := p.Month; m != nil {
		facts["month"], facts["documents"] = l.monthOf(m.Period), l.documents(*m)
		if n := attentionCount(*m); n > 0 {
			facts["attention"] = l.count(l.closing.attention, n)
		}
	}
	return facts
}

// whatOf is "10 Professional licenses", "5 Professional and 2 Gateway licenses"
// or "34 licenses of 3 products".
func (l *language) whatOf(p domain.MailParams) string {
	if s := p.Seats; s != nil {
		return l.say(l.what.seats, s.Quantity, known{"quantity": l.number(s.Quantity), "product": string(s.Product)})
	}
	total, _ := sum(p)
	products := byProduct(p.Licenses)
	if len(products) > 2 {
		return l.say(l.what.many, total, known{"quantity": l.number(total), "products": l.number(int64(len(products)))})
	}
	items := make([]string, len(products))
	for i, x := range products {
		items[i] = l.say(l.what.item, x.Quantity, known{"quantity": l.number(x.Quantity), "product": string(x.Product)})
	}
	return l.say(l.what.licenses, total, known{"items": strings.Join(items, l.what.and)})
}

// documents is "3 invoices and 1 credit note".
func (l *language) documents(m domain.MailMonth) string {
	issued, credited := documentCounts(m)
	var said []string
	if issued > 0 {
		said = append(said, l.count(l.closing.invoices, issued))
	}
	if credited > 0 {
		said = append(said, l.count(l.closing.credits, credited))
	}
	if len(said) == 0 {
		return l.closing.none
	}
	return strings.Join(said, l.closing.and)
}

// count says a message about {count} things.
func (l *language) count(m message, n int64) string { return l.say(m, n, known{"count": l.number(n)}) }

func (l *language) number(n int64) string { return grouped(strconv.FormatInt(n, 10), l.thousands) }

// amount writes an amount like -1234.50 with the marks of the language.
func (l *language) amount(amount string) string {
	whole, cents, broken := strings.Cut(amount, ".")
	whole = grouped(whole, l.thousands)
	if !broken {
		return whole
	}
	return whole + l.decimal + cents
}

func (l *language) amountIn(currency domain.Currency, amount string) string {
	return l.say(l.money, 1, known{"currency": string(currency), "amount": l.amount(amount)})
}

func (l *language) monthOf(p domain.Period) string { return l.calendar(l.month, domain.Date(p)) }

// day is empty for no date.
func (l *language) day(d domain.Date) string {
	if d == 0 {
		return ""
	}
	return l.calendar(l.date, d)
}

func (l *language) calendar(m message, d domain.Date) string {
	year, month, day := d.YMD()
	return l.say(m, 1, known{"day": strconv.Itoa(day), "month": l.months[month-1], "year": strconv.Itoa(year)})
}

// plan is the plan in words.
func (l *language) plan(p domain.Plan) string {
	if words, known := l.plans[p]; known {
		return words
	}
	return string(p)
}
