package notify

import (
	"fmt"
	"strconv"

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
	return fmt.Sprintf("%s for %s %s active", englishLicenses(p.Licenses), p.Account, englishAre(p.Licenses))
}

func englishAssigned(m domain.Mail) letter {
	p := m.Params
	l := letter{
		greeting: englishGreeting(m.Name),
		lead:     fmt.Sprintf("%s for %s %s active and can be used at once.", englishLicenses(p.Licenses), p.Account, englishAre(p.Licenses)),
		next:     "You need not do anything.",
		reason:   englishReason(fmt.Sprintf("you look after the licenses of %s", p.Account)),
	}
	l.facts = append(l.facts, fact{"Customer", string(p.Account)})
	if len(p.Licenses) == 1 {
		only := p.Licenses[0]
		l.facts = append(l.facts, fact{"Product", string(only.Product)}, fact{"Quantity", englishNumber(only.Quantity)},
			fact{"Active from", englishDate(only.StartsOn)}, fact{"Last valid day", englishDate(only.LastDay)},
			fact{"License", string(only.License)})
	} else {
		l.table = englishTable(p.Licenses)
	}
	l.facts = append(l.facts, fact{"Order", string(p.Order)}, fact{"Purchase order", string(p.PurchaseOrder)},
		fact{"Provided by", string(p.Reseller)})
	return l
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
	return fmt.Sprintf("%s requested for %s", englishLicenses(p.Licenses), p.Account)
}

func englishRequested(m domain.Mail) letter {
	p := m.Params
	l := letter{
		greeting: englishGreeting(m.Name),
		lead:     fmt.Sprintf("%s requested for %s.", englishLicenses(p.Licenses), p.Account),
		facts:    []fact{{"Customer", string(p.Account)}},
		note:     note{"Note", noteLines(p.Note)},
		next: fmt.Sprintf("Assign order %s to make the licenses active, or reject it and say why. "+
			"Until then nothing is active and nothing is charged.", p.Order),
		reason: englishReason(fmt.Sprintf("you are a manager of %s", p.Reseller)),
	}
	if p.By != "" {
		l.lead = fmt.Sprintf("%s requested %s for %s.", p.By, englishLicenses(p.Licenses), p.Account)
	}
	for _, wanted := range p.Licenses {
		l.facts = append(l.facts, fact{"Product", string(wanted.Product)}, fact{"Quantity", englishNumber(wanted.Quantity)})
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

// englishLicenses is "10 Professional licenses", without the product where
// there are several.
func englishLicenses(licenses []domain.MailLicense) string {
	total, product := sum(licenses)
	name := ""
	if product != "" {
		name = string(product) + " "
	}
	if total == 1 {
		return fmt.Sprintf("1 %slicense", name)
	}
	return fmt.Sprintf("%s %slicenses", englishNumber(total), name)
}

func englishAre(licenses []domain.MailLicense) string {
	if total, _ := sum(licenses); total == 1 {
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
