package notify

import (
	"strings"

	"github.com/licenseledger/licenseledger/domain"
)

// licenses is a table of them. It leaves out the dates where there are none.
func (l *language) licenses(all []domain.MailLicense) table {
	t := table{head: []column{{label: l.labels.product}, {label: l.labels.quantity, number: true}}}
	dated := false
	for _, x := range all {
		dated = dated || x.LastDay != 0
	}
	if dated {
		t.head = append(t.head, column{label: l.labels.lastDay})
	}
	for _, x := range all {
		facts := known{"quantity": l.number(x.Quantity), "product": string(x.Product), "license": string(x.License)}
		phrase := func(m message, date domain.Date, there bool) string {
			if !there {
				return ""
			}
			facts["date"] = l.day(date)
			return l.say(m, x.Quantity, facts)
		}
		from, last := phrase(l.rows.activeFrom, x.StartsOn, x.StartsOn != 0), phrase(l.rows.lastDay, x.LastDay, x.LastDay != 0)
		id := phrase(l.rows.licenseID, 0, x.License != "")
		row := []cell{{main: string(x.Product), under: id}, {main: l.number(x.Quantity)}}
		if dated {
			row = append(row, cell{main: l.day(x.LastDay), under: from})
		}
		t.rows = append(t.rows, row)
		t.plain = append(t.plain, strings.Join(notEmpty(l.say(l.rows.license, x.Quantity, facts), from, last, id), ", "))
	}
	return t
}

// invoices is a table of the first invoices of a month.
func (l *language) invoices(month domain.MailMonth) table {
	if len(month.Invoices) == 0 {
		return table{}
	}
	t := table{label: l.labels.invoices, head: []column{{label: l.labels.invoice}, {label: l.labels.dueOn}, {label: l.labels.total, number: true}}}
	shown := firstOf(month.Invoices)
	for _, i := range shown {
		facts := known{
			"number": i.Number, "reseller": string(i.Reseller), "contract": string(i.Contract),
			"total": l.amountIn(i.Currency, i.Total), "net": l.amount(i.Net), "vat": l.amount(i.VAT),
		}
		plain, due := l.rows.invoice, l.rows.nothingToPay
		switch {
		case isCreditNote(i):
			plain, due = l.rows.credit, l.rows.creditNote
		case payable(i):
			due = l.day(i.DueOn)
			facts["due"] = due
		}
		t.rows = append(t.rows, []cell{
			{main: i.Number, under: l.say(l.rows.whose, 1, facts)}, {main: due}, {main: facts["total"], under: l.say(l.rows.net, 1, facts)},
		})
		t.plain = append(t.plain, l.say(plain, 1, facts))
	}
	issued, credited := documentCounts(month)
	if more := l.andMore(issued + credited - int64(len(shown))); more != "" {
		t.rows, t.plain = append(t.rows, []cell{{main: more}, {}, {}}), append(t.plain, more)
	}
	return t
}

// needs words what of a month needs attention.
func (l *language) needs(month domain.MailMonth) []string {
	var lines []string
	for _, a := range firstOf(month.Attention) {
		lines = append(lines, l.say(l.closing.of(a.Sort), 1, known{
			"contract": string(a.Contract), "country": string(a.Country), "on": l.day(a.On), "subscription": string(a.Subscription),
		}))
	}
	if more := l.andMore(attentionCount(month) - int64(len(lines))); more != "" && len(lines) > 0 {
		lines = append(lines, more)
	}
	return lines
}

// of finds the words for a sort of attention; a newer program may know others.
func (w closingWords) of(sort string) message {
	switch sort {
	case domain.AttentionMissingRate:
		return w.missingRate
	case domain.AttentionFailed:
		return w.failed
	case domain.AttentionEnded:
		return w.ended
	}
	return w.unnamed
}

func (l *language) andMore(n int64) string {
	if n <= 0 {
		return ""
	}
	return l.count(l.more, n)
}

// mostLines is how long a list may be: mail programs cut off what is too big.
const mostLines = 50

// firstOf is as much of a list as is shown.
func firstOf[T any](list []T) []T { return list[:min(len(list), mostLines)] }

func notEmpty(texts ...string) []string {
	var kept []string
	for _, s := range texts {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}
