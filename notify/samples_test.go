package notify

import (
	"fmt"

	"github.com/licenseledger/licenseledger/domain"
)

// sample is a mail as the domain writes it, and the words its subject must keep
// whatever the names are.
type sample struct {
	mail domain.Mail
	says string
}

// samples are all events in all their variants; the name begins with the event.
func samples() map[string]sample {
	return map[string]sample{
		"license.assigned":         {assigned(), "active"},
		"license.assigned.seats":   {seatsAssigned(), "active"},
		"license.assigned.several": {assignedFromSeveralLots(), "active"},
		"license.sold":             {sold(1), " sold to "},
		"license.sold.deployment":  {soldByDeployment(1), " sold to "},
		"license.sold.deployments": {soldByDeployment(2), " sold to "},
		"license.sold.several":     {sold(2), " sold to "},
		"license.sold.many":        {sold(3), " sold to "},
		"license.sold.long":        {longNames(sold(2)), " sold to "},
		"license.pulled":           {pulled(1), " took "},
		"license.pulled.several":   {pulled(3), " took "},
		"account.linked":           {linked(), " can now take licenses from "},
		"order.requested":          {requested(), " requested for "},
		"order.requested.seats":    {seatsRequested(), " requested for "},
		"order.rejected":           {rejected(), "Order rejected: "},
		"order.rejected.seats":     {seatsRejected(), "Order rejected: "},
		"subscription.ended":       {ended(), "Subscription ended: "},
		"subscription.ended.empty": {endedEmpty(), "Subscription ended: "},
		"subscription.ended.term":  {endedWithTerm(), "Subscription ended: "},
	}
}

func toGrace(event string, p domain.MailParams) domain.Mail {
	p.Account, p.Reseller = "Acme", "Northwind"
	return domain.Mail{Event: event, Account: "acme", Recipient: "grace@acme.example", Name: "Grace Hopper", Locale: "en", Params: p}
}

func toAda(event string, p domain.MailParams) domain.Mail {
	return domain.Mail{Event: event, Account: "northwind", Recipient: "ada@northwind.example", Name: "Ada Lovelace", Locale: "en", Params: p}
}

func assigned() domain.Mail {
	return toGrace(domain.MailAssigned, domain.MailParams{
		Order: "ord-1", PurchaseOrder: "PO-77",
		Licenses: []domain.MailLicense{{
			License: "ord-1~1", Product: "Professional", Quantity: 10,
			StartsOn: domain.NewDate(2026, 11, 30), LastDay: domain.NewDate(2027, 11, 29),
		}},
	})
}

func assignedFromSeveralLots() domain.Mail {
	m := assigned()
	m.Params.Order, m.Params.PurchaseOrder = "", ""
	for i, quantity := range []int64{1200, 1} {
		l := m.Params.Licenses[0]
		l.License, l.Quantity = domain.LicenseID(fmt.Sprintf("tr-9~%d", i+2)), quantity
		l.LastDay += domain.Date(i)
		m.Params.Licenses = append(m.Params.Licenses, l)
	}
	return m
}

// sold has so many products.
func sold(products int) domain.Mail {
	return toGrace(domain.MailSold, domain.MailParams{Licenses: []domain.MailLicense{
		{License: "s3-03~1", Product: "Professional", Quantity: 5, StartsOn: domain.NewDate(2027, 3, 5), LastDay: domain.NewDate(2028, 3, 4)},
		{License: "s3-03~2", Product: "Gateway", Quantity: 2, StartsOn: domain.NewDate(2027, 3, 5), LastDay: domain.NewDate(2028, 3, 4)},
		{License: "s3-03~3", Product: "Archive", Quantity: 1_000_000, StartsOn: domain.NewDate(2026, 9, 14), LastDay: domain.NewDate(2027, 9, 13)},
	}[:products]})
}

func soldByDeployment(products int) domain.Mail {
	m := sold(products)
	m.Params.Deployment = "Acme Cork"
	return m
}

func longNames(m domain.Mail) domain.Mail {
	m.Name = "Dr Wilhelmina Theodora Featherstonehaugh-Cholmondeley"
	m.Params.Account = "Donaudampfschiffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH & Co. KG"
	m.Params.Reseller = "The Northwind and Southwind Trading and Licensing Company of Greater Dublin (Ireland) Ltd"
	for i := range m.Params.Licenses {
		m.Params.Licenses[i].License += "/2027-03-05T10:00:00Z@portal.northwind-trading-and-licensing.example"
		m.Params.Licenses[i].Product = "Enterprise-Sicherheitsinfrastrukturverwaltung " + m.Params.Licenses[i].Product
	}
	return m
}

func pulled(products int) domain.Mail {
	m := toAda(domain.MailPulled, domain.MailParams{
		Receiver: "Northwind", Source: "Northwind Labs", By: "Ada Lovelace", Licenses: []domain.MailLicense{
			{Product: "Professional", Quantity: 10}, {Product: "Gateway", Quantity: 1}, {Product: "Archive", Quantity: 1200},
		}[:products],
	})
	m.Account, m.Recipient, m.Name = "northwind-labs", "lena@labs.example", "Lena Meitner"
	return m
}

func linked() domain.Mail {
	return toAda(domain.MailLinked, domain.MailParams{Receiver: "Northwind", Source: "Northwind Labs", By: "Ada Lovelace"})
}

func requested() domain.Mail {
	m := toAda(domain.MailRequested, domain.MailParams{
		Account: "Acme", Reseller: "Northwind", Order: "ord-1", PurchaseOrder: "PO-77", By: "Grace Hopper",
		Note: "For the new office.\n\nPlease before Monday.", Licenses: []domain.MailLicense{{Product: "Professional", Quantity: 25}},
	})
	m.Account = "acme"
	return m
}

func annual(quantity, now int64) *domain.MailSeats {
	return &domain.MailSeats{
		Subscription: "sub-7", Product: "Professional", Plan: domain.AnnualMonthly, Quantity: quantity, Seats: now, LastDay: domain.NewDate(2027, 11, 29),
	}
}

func seatsAssigned() domain.Mail {
	return toGrace(domain.MailAssigned, domain.MailParams{Order: "ord-4", Seats: annual(5, 30)})
}

func seatsRequested() domain.Mail {
	m := requested()
	m.Params.Order, m.Params.PurchaseOrder, m.Params.Note, m.Params.Licenses = "ord-4", "", "", nil
	m.Params.Seats = annual(1, 25)
	return m
}

func rejected() domain.Mail {
	return toGrace(domain.MailRejected, domain.MailParams{
		Order: "ord-3", PurchaseOrder: "PO-79", Why: "The budget of this quarter is used; please ask again in April.",
		Licenses: []domain.MailLicense{{Product: "Professional", Quantity: 2}},
	})
}

func seatsRejected() domain.Mail {
	return toGrace(domain.MailRejected, domain.MailParams{Order: "ord-4", Why: "Please use the seats of Zoë's team first.", Seats: annual(1, 25)})
}

func ended() domain.Mail {
	return toGrace(domain.MailSubscriptionEnded, domain.MailParams{
		Seats: &domain.MailSeats{Subscription: "acme-flex", Product: "Professional", Plan: domain.Flexible, Quantity: 15},
	})
}

func endedEmpty() domain.Mail {
	m := ended()
	m.Params.Seats.Quantity = 0
	return m
}

func endedWithTerm() domain.Mail {
	return toGrace(domain.MailSubscriptionEnded, domain.MailParams{Seats: annual(1, 0)})
}
