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
		domain.MailAssigned:  {subject: englishAssignedSubject, letter: englishAssigned},
		domain.MailRequested: {subject: englishRequestedSubject, letter: englishRequested},
	},
}

func englishAssignedSubject(p domain.MailParams) string {
	return fmt.Sprintf("%s for %s %s active", englishWhat(p), p.Account, englishAre(p))
}

func englishAssigned(m domain.Mail) letter {
	p := m.Params
	l := letter{
		greeting: englishGreeting(m.Name),
		lead:     fmt.Sprintf("%s for %s %s active and can be used at once.", englishWhat(p), p.Account, englishAre(p)),
		facts:    []fact{{"Customer", string(p.Account)}},
		next:     "You need not do anything.",
		reason:   englishReason(fmt.Sprintf("you look after the licenses of %s", p.Account)),
	}
	switch {
	case p.Seats != nil:
		l.facts = append(l.facts, englishSeats(p.Seats)...)
	case len(p.Licenses) == 1:
		l.facts = append(l.facts, englishLicense(p.Licenses[0])...)
	default:
		l.table = englishTable(p.Licenses)
	}
	l.facts = append(l.facts, fact{"Order", string(p.Order)}, fact{"Purchase order", string(p.PurchaseOrder)},
		fact{"Provided by", string(p.Reseller)})
	return l
}

func englishLicense(l domain.MailLicense) []fact {
	return []fact{
		{"Product", string(l.Product)}, {"Quantity", englishNumber(l.Quantity)},
		{"Active from", englishDate(l.StartsOn)}, {"Last valid day", englishDate(l.LastDay)},
		{"License", string(l.License)},
	}
}

func englishSeats(s *domain.MailSeats) []fact {
	return []fact{
		{"Product", string(s.Product)}, {"New seats", englishNumber(s.Quantity)}, {"Seats now", englishNumber(s.Seats)},
		{"Last day of the term", englishDate(s.LastDay)}, {"Subscription", string(s.Subscription)},
	}
}

func englishTable(licenses []domain.MailLicense) table {
	t := table{head: []string{"Product", "Quantity", "Active from", "Last valid day", "License"}}
	for _, l := range licenses {
		quantity, from, last := englishNumber(l.Quantity), englishDate(l.StartsOn), englishDate(l.LastDay)
		t.rows = append(t.rows, []string{string(l.Product), quantity, from, last, string(l.License)})
		t.plain = append(t.plain, fmt.Sprintf("%s %s, active from %s, last valid day %s, license %s", quantity, l.Product, from, last, l.License))
	}
	return t
}

func englishRequestedSubject(p domain.MailParams) string {
	return fmt.Sprintf("%s requested for %s", englishWhat(p), p.Account)
}

func englishRequested(m domain.Mail) letter {
	p := m.Params
	l := letter{
		greeting: englishGreeting(m.Name),
		lead:     fmt.Sprintf("%s requested for %s.", englishWhat(p), p.Account),
		facts:    []fact{{"Customer", string(p.Account)}},
		note:     note{"Note", noteLines(p.Note)},
		next: fmt.Sprintf("Assign order %s to make them active, or reject it and say why. "+
			"Until then nothing is active and nothing is charged.", p.Order),
		reason: englishReason(fmt.Sprintf("you are a manager of %s", p.Reseller)),
	}
	if p.By != "" {
		l.lead = fmt.Sprintf("%s requested %s for %s.", p.By, englishWhat(p), p.Account)
	}
	if s := p.Seats; s != nil {
		l.facts = append(l.facts, fact{"Product", string(s.Product)}, fact{"More seats", englishNumber(s.Quantity)},
			fact{"Seats now", englishNumber(s.Seats)}, fact{"Subscription", string(s.Subscription)})
	}
	for _, wanted := range p.Licenses {
		l.facts = append(l.facts, englishLicense(wanted)...)
	}
	l.facts = append(l.facts, fact{"Order", string(p.Order)}, fact{"Purchase order", string(p.PurchaseOrder)},
		fact{"Requested by", string(p.By)})
	return l
}

func englishGreeting(name domain.Name) string {
	if name == "" {
		return "Hello,"
	}
	return fmt.Sprintf("Hello %s,", name)
}

func englishReason(because string) string {
	return fmt.Sprintf("You receive this message because %s. LicenseLedger sent it automatically.", because)
}

// englishWhat is "10 Professional licenses", without the product where there
// are several.
func englishWhat(p domain.MailParams) string {
	total, product := sum(p)
	words := []string{englishNumber(total)}
	if product != "" {
		words = append(words, string(product))
	}
	noun := "license"
	if p.Seats != nil {
		noun = "seat"
	}
	if total != 1 {
		noun += "s"
	}
	return strings.Join(append(words, noun), " ")
}

func englishAre(p domain.MailParams) string {
	if total, _ := sum(p); total == 1 {
		return "is"
	}
	return "are"
}

// englishNumber is 1,000,000.
func englishNumber(n int64) string { return grouped(n, ",") }

// englishDate is 30 November 2026.
func englishDate(d domain.Date) string {
	if d == 0 {
		return ""
	}
	year, month, day := d.YMD()
	return strconv.Itoa(day) + " " + month.String() + " " + strconv.Itoa(year)
}
