package notify

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/licenseledger/licenseledger/domain"
)

var english = language{
	tag: "en",
	events: map[string]event{
		domain.MailAssigned:          {subject: englishAssignedSubject, letter: englishAssigned},
		domain.MailSold:              {subject: englishSoldSubject, letter: englishSold},
		domain.MailPulled:            {subject: englishPulledSubject, letter: englishPulled},
		domain.MailLinked:            {subject: englishLinkedSubject, letter: englishLinked},
		domain.MailRequested:         {subject: englishRequestedSubject, letter: englishRequested},
		domain.MailRejected:          {subject: englishRejectedSubject, letter: englishRejected},
		domain.MailSubscriptionEnded: {subject: englishEndedSubject, letter: englishEnded},

		domain.MailStockExpiring:        {subject: englishStockExpiringSubject, letter: englishStockExpiring},
		domain.MailStockExpired:         {subject: englishStockExpiredSubject, letter: englishStockExpired},
		domain.MailLicenseExpiring:      {subject: englishLicenseExpiringSubject, letter: englishLicenseExpiring},
		domain.MailLicenseExpired:       {subject: englishLicenseExpiredSubject, letter: englishLicenseExpired},
		domain.MailSubscriptionRenewing: {subject: englishRenewingSubject, letter: englishRenewing},
		domain.MailSubscriptionRenewed:  {subject: englishRenewedSubject, letter: englishRenewed},

		domain.MailInvoiceIssued: {subject: englishIssuedSubject, letter: englishIssued},
		domain.MailMonthClosed:   {subject: englishClosedSubject, letter: englishClosed},
	},
}

func englishAssignedSubject(p domain.MailParams) string {
	return fmt.Sprintf("%s for %s %s active", englishWhat(p), p.Account, englishVerb(p, "is", "are"))
}

func englishAssigned(m domain.Mail) letter {
	p := m.Params
	l := letter{
		badge:    "Active",
		greeting: englishGreeting(m.Name),
		lead:     englishAssignedSubject(p) + ".",
		facts:    []fact{{"Customer", string(p.Account)}},
		next:     englishUsable(p),
		reason:   englishReason(fmt.Sprintf("you look after the licenses of %s", p.Account)),
	}
	l = englishItems(l, p)
	if s := p.Seats; s != nil {
		l.facts = append(l.facts, fact{"Product", string(s.Product)}, fact{"New seats", englishNumber(s.Quantity)},
			fact{"Seats now", englishNumber(s.Seats)}, fact{"Plan", englishPlan(s.Plan)},
			fact{"Last day of the term", englishDate(s.LastDay)}, fact{"Subscription", string(s.Subscription)})
	}
	l.facts = append(l.facts, fact{"Order", string(p.Order)}, fact{"Purchase order", string(p.PurchaseOrder)},
		fact{"Provided by", string(p.Reseller)})
	return l
}

func englishSoldSubject(p domain.MailParams) string {
	subject := fmt.Sprintf("%s sold to %s", englishWhat(p), p.Account)
	if p.Deployment != "" {
		subject += fmt.Sprintf(" and deployed as %s", p.Deployment)
	}
	return subject
}

func englishSold(m domain.Mail) letter {
	p := m.Params
	l := letter{
		badge:    "Active",
		greeting: englishGreeting(m.Name),
		lead:     fmt.Sprintf("%s %s sold to %s.", englishWhat(p), englishVerb(p, "was", "were"), p.Account),
		facts:    []fact{{"Owner", string(p.Account)}, {"Sold by", string(p.Reseller)}, {"Deployment", string(p.Deployment)}},
		next:     englishUsable(p),
		reason:   englishReason(fmt.Sprintf("you look after the licenses of %s", p.Account)),
	}
	if p.Reseller != "" {
		l.lead = fmt.Sprintf("%s sold %s to %s.", p.Reseller, englishWhat(p), p.Account)
	}
	if p.Deployment != "" {
		l.lead = fmt.Sprintf("%s and deployed %s as %s.", strings.TrimSuffix(l.lead, "."), englishVerb(p, "it", "them"), p.Deployment)
		if p.Reseller == "" {
			l.lead = fmt.Sprintf("%s %s sold to %s and deployed as %s.", englishWhat(p), englishVerb(p, "was", "were"), p.Account, p.Deployment)
		}
		l.next = fmt.Sprintf("No action is needed: %s active and deployed. Once the deployment is retired, %s available for something else.",
			englishVerb(p, "the license is", "the licenses are"), englishVerb(p, "it is", "they are"))
	}
	return englishItems(l, p)
}

func englishPulledSubject(p domain.MailParams) string {
	return fmt.Sprintf("%s took %s from %s", p.Receiver, englishWhat(p), p.Source)
}

func englishPulled(m domain.Mail) letter {
	p := m.Params
	l := letter{
		badge:    "Taken",
		greeting: englishGreeting(m.Name),
		lead:     englishPulledSubject(p) + ".",
		facts:    []fact{{"Taken from", string(p.Source)}, {"Now with", string(p.Receiver)}, {"Taken by", string(p.By)}},
		next: fmt.Sprintf("Nothing is charged, and the last valid days stay as they are. As long as the two accounts are linked, "+
			"%s can take more; to stop that, end the link.", p.Receiver),
		reason: englishReason(fmt.Sprintf("you are a manager of %s", p.Source)),
	}
	return englishItems(l, p)
}

func englishLinkedSubject(p domain.MailParams) string {
	return fmt.Sprintf("%s can now take licenses from %s", p.Receiver, p.Source)
}

func englishLinked(m domain.Mail) letter {
	p := m.Params
	return letter{
		badge:    "Linked",
		greeting: englishGreeting(m.Name),
		lead:     englishLinkedSubject(p) + ".",
		facts:    []fact{{"Takes licenses", string(p.Receiver)}, {"Gives licenses", string(p.Source)}, {"Linked by", string(p.By)}},
		next: fmt.Sprintf("No action is needed. This holds for stock and for licenses that are neither deployed nor allocated. "+
			"The managers of %s are told every time, and either side can end the link at any time.", p.Source),
		reason: englishReason(fmt.Sprintf("you are a manager of %s or %s", p.Receiver, p.Source)),
	}
}

func englishRequestedSubject(p domain.MailParams) string {
	return fmt.Sprintf("%s requested for %s", englishWhat(p), p.Account)
}

func englishRequested(m domain.Mail) letter {
	p := m.Params
	l := letter{
		badge:    "Waiting for you",
		greeting: englishGreeting(m.Name),
		lead:     fmt.Sprintf("%s %s requested for %s.", englishWhat(p), englishVerb(p, "was", "were"), p.Account),
		facts:    []fact{{"Customer", string(p.Account)}},
		note:     note{"Note", noteLines(p.Note)},
		next: fmt.Sprintf("Assign order %s to make %s active, or reject it and say why. "+
			"Until then nothing changes and nothing is charged.", p.Order, englishVerb(p, "it", "them")),
		reason: englishReason(fmt.Sprintf("you are a manager of %s", p.Reseller)),
	}
	if p.By != "" {
		l.lead = fmt.Sprintf("%s requested %s for %s.", p.By, englishWhat(p), p.Account)
	}
	l = englishAsked(l, p)
	l.facts = append(l.facts, fact{"Requested by", string(p.By)})
	return l
}

func englishRejectedSubject(p domain.MailParams) string {
	return fmt.Sprintf("Order rejected: %s for %s", englishWhat(p), p.Account)
}

func englishRejected(m domain.Mail) letter {
	p := m.Params
	l := letter{
		badge:    "Rejected",
		greeting: englishGreeting(m.Name),
		lead:     fmt.Sprintf("The order of %s for %s was rejected.", p.Account, englishWhat(p)),
		facts:    []fact{{"Customer", string(p.Account)}},
		note:     note{"Reason", noteLines(domain.Note(p.Why))},
		next: fmt.Sprintf("The order is closed; nothing was added and nothing is charged. If you still need %s, place a new order.",
			englishVerb(p, "it", "them")),
		reason: englishReason(fmt.Sprintf("you look after the licenses of %s", p.Account)),
	}
	if p.Reseller != "" {
		l.lead = fmt.Sprintf("%s rejected the order of %s for %s.", p.Reseller, p.Account, englishWhat(p))
	}
	l = englishAsked(l, p)
	l.facts = append(l.facts, fact{"Rejected by", string(p.Reseller)})
	return l
}

func englishEndedSubject(p domain.MailParams) string {
	if total, product := sum(p); total == 0 {
		return fmt.Sprintf("Subscription ended: %s for %s", product, p.Account)
	}
	return fmt.Sprintf("Subscription ended: %s for %s", englishWhat(p), p.Account)
}

func englishEnded(m domain.Mail) letter {
	p := m.Params
	l := letter{
		badge:    "Ended",
		greeting: englishGreeting(m.Name),
		lead:     fmt.Sprintf("The subscription of %s for %s has ended.", p.Account, englishWhat(p)),
		facts:    []fact{{"Customer", string(p.Account)}},
		next:     englishVerb(p, "The seat can no longer be used.", "The seats can no longer be used."),
		reason:   englishReason(fmt.Sprintf("you are a manager of %s", p.Account)),
	}
	if p.Reseller != "" {
		l.next += fmt.Sprintf(" If %s still needed, %s can start a new subscription.", englishVerb(p, "it is", "they are"), p.Reseller)
		l.reason = englishReason(fmt.Sprintf("you are a manager of %s or %s", p.Account, p.Reseller))
	}
	total, product := sum(p)
	if total == 0 {
		l.lead = fmt.Sprintf("The %s subscription of %s has ended. It had no seats.", product, p.Account)
		l.next = "No action is needed."
	}
	if s := p.Seats; s != nil {
		l.facts = append(l.facts, fact{"Product", string(s.Product)}, fact{"Seats until now", englishNumber(s.Quantity)},
			fact{"Plan", englishPlan(s.Plan)}, fact{"Last day of the term", englishDate(s.LastDay)}, fact{"Subscription", string(s.Subscription)})
	}
	l.facts = append(l.facts, fact{"Provided by", string(p.Reseller)})
	return l
}

// englishItems tells of one license as facts, of several as a table.
func englishItems(l letter, p domain.MailParams) letter {
	if len(p.Licenses) > 1 {
		l.table = englishTable(p.Licenses)
		return l
	}
	for _, x := range p.Licenses {
		l.facts = append(l.facts, fact{"Product", string(x.Product)}, fact{"Quantity", englishNumber(x.Quantity)},
			fact{"Active from", englishDate(x.StartsOn)}, fact{"Last valid day", englishDate(x.LastDay)}, fact{"License", string(x.License)})
	}
	return l
}

// englishAsked are the facts of an order that is not fulfilled.
func englishAsked(l letter, p domain.MailParams) letter {
	l = englishItems(l, p)
	if s := p.Seats; s != nil {
		l.facts = append(l.facts, fact{"Product", string(s.Product)}, fact{"Seats asked for", englishNumber(s.Quantity)},
			fact{"Seats now", englishNumber(s.Seats)}, fact{"Plan", englishPlan(s.Plan)}, fact{"Subscription", string(s.Subscription)})
	}
	l.facts = append(l.facts, fact{"Order", string(p.Order)}, fact{"Purchase order", string(p.PurchaseOrder)})
	return l
}

// englishTable leaves out the dates where there are none.
func englishTable(licenses []domain.MailLicense) table {
	t := table{head: []column{{label: "Product"}, {label: "Quantity", number: true}}}
	dated := false
	for _, l := range licenses {
		dated = dated || l.LastDay != 0
	}
	if dated {
		t.head = append(t.head, column{label: "Last valid day"})
	}
	for _, l := range licenses {
		quantity, from, last := englishNumber(l.Quantity), englishDate(l.StartsOn), englishDate(l.LastDay)
		product, dates := cell{main: string(l.Product)}, cell{main: last}
		plain := quantity + " " + string(l.Product)
		if from != "" {
			dates.under = "active from " + from
			plain += ", active from " + from
		}
		if last != "" {
			plain += ", last valid day " + last
		}
		if l.License != "" {
			product.under = "license " + string(l.License)
			plain += ", license " + string(l.License)
		}
		row := []cell{product, {main: quantity}}
		if dated {
			row = append(row, dates)
		}
		t.rows, t.plain = append(t.rows, row), append(t.plain, plain)
	}
	return t
}

func englishGreeting(name domain.Name) string {
	if name == "" {
		return "Hello,"
	}
	return fmt.Sprintf("Hello %s,", name)
}

func englishUsable(p domain.MailParams) string {
	noun := "license"
	if p.Seats != nil {
		noun = "seat"
	}
	return fmt.Sprintf("No action is needed: the %s can be used at once.", englishVerb(p, noun, noun+"s"))
}

func englishReason(because string) string {
	return fmt.Sprintf("You receive this message because %s. LicenseLedger sent it automatically.", because)
}

// englishWhat is "10 Professional licenses", "5 Professional and 2 Gateway
// licenses" or "34 licenses of 3 products".
func englishWhat(p domain.MailParams) string {
	if p.Seats != nil {
		return fmt.Sprintf("%s %s %s", englishNumber(p.Seats.Quantity), p.Seats.Product, englishVerb(p, "seat", "seats"))
	}
	total, _ := sum(p)
	noun, products := englishVerb(p, "license", "licenses"), byProduct(p.Licenses)
	if len(products) > 2 {
		return fmt.Sprintf("%s %s of %d products", englishNumber(total), noun, len(products))
	}
	words := make([]string, len(products))
	for i, x := range products {
		words[i] = englishNumber(x.Quantity) + " " + string(x.Product)
	}
	return strings.Join(words, " and ") + " " + noun
}

// englishVerb chooses what goes with one or with several.
func englishVerb(p domain.MailParams, one, several string) string {
	if total, _ := sum(p); total == 1 {
		return one
	}
	return several
}

func englishPlan(p domain.Plan) string {
	switch p {
	case domain.Flexible:
		return "flexible"
	case domain.AnnualMonthly:
		return "annual, paid by the month"
	case domain.AnnualYearly:
		return "annual, paid by the year"
	}
	return string(p)
}

// englishNumber is 1,000,000.
func englishNumber(n int64) string { return grouped(n, ",") }

// englishAmount is 1,234.50.
func englishAmount(amount string) string { return amountOf(amount, ",", ".") }

// englishMoney is EUR 1,234.50.
func englishMoney(currency domain.Currency, amount string) string {
	return string(currency) + " " + englishAmount(amount)
}

// englishMonth is November 2026.
func englishMonth(p domain.Period) string {
	year, month, _ := domain.Date(p).YMD()
	return month.String() + " " + strconv.Itoa(year)
}

// englishDate is 30 November 2026.
func englishDate(d domain.Date) string {
	if d == 0 {
		return ""
	}
	year, month, day := d.YMD()
	return strconv.Itoa(day) + " " + month.String() + " " + strconv.Itoa(year)
}
