package notify

import (
	"fmt"

	"github.com/licenseledger/licenseledger/domain"
)

// samples are all events in all their variants; the name begins with the event.
func samples() map[string]domain.Mail {
	return map[string]domain.Mail{
		"license.assigned":         assigned(),
		"license.assigned.seats":   seatsAssigned(),
		"license.assigned.several": assignedFromSeveralLots(),
		"license.sold":             sold(1),
		"license.sold.deployment":  soldByDeployment(1),
		"license.sold.deployments": soldByDeployment(2),
		"license.sold.several":     sold(2),
		"license.sold.many":        sold(3),
		"license.sold.long":        longNames(sold(2)),
		"license.pulled":           pulled(1),
		"license.pulled.several":   pulled(3),
		"account.linked":           linked(),
		"order.requested":          requested(),
		"order.requested.seats":    seatsRequested(),
		"order.rejected":           rejected(),
		"order.rejected.seats":     seatsRejected(),
		"subscription.ended":       ended(),
		"subscription.ended.empty": endedEmpty(),
		"subscription.ended.term":  endedWithTerm(),

		"stock.expiring":            stock(domain.MailStockExpiring, 1200),
		"stock.expiring.one":        stock(domain.MailStockExpiring, 1),
		"stock.expired":             stock(domain.MailStockExpired, 1200),
		"license.expiring":          expiring(domain.MailLicenseExpiring, 10),
		"license.expiring.one":      expiring(domain.MailLicenseExpiring, 1),
		"license.expired":           expiring(domain.MailLicenseExpired, 10),
		"license.expired.one":       expiring(domain.MailLicenseExpired, 1),
		"subscription.renewing":     renewing(30),
		"subscription.renewing.one": renewing(1),
		"subscription.renewed":      renewed(),
		"invoice.issued":            issued(),
		"invoice.issued.zero":       freeInvoice(),
		"invoice.issued.credit":     credited(),
		"month.closed":              closed(),
		"month.closed.attention":    closedWithAttention(),
		"month.closed.nothing":      closedWithoutInvoices(),
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

func stock(event string, quantity int64) domain.Mail {
	return toAda(event, domain.MailParams{
		Account: "Northwind", Reseller: "Northwind", Licenses: []domain.MailLicense{{
			Lot: "st-1~1", Product: "Professional", Quantity: quantity, StartsOn: domain.NewDate(2026, 11, 30), LastDay: domain.NewDate(2027, 11, 29),
		}},
	})
}

func expiring(event string, quantity int64) domain.Mail {
	m := assigned()
	m.Event, m.Params.Order, m.Params.PurchaseOrder, m.Params.Licenses[0].Quantity = event, "", "", quantity
	return m
}

// renewing has 25 seats now and so many then.
func renewing(then int64) domain.Mail {
	return toGrace(domain.MailSubscriptionRenewing, domain.MailParams{Seats: annual(then, 25)})
}

func renewed() domain.Mail {
	seats := annual(30, 30)
	seats.LastDay = domain.NewDate(2028, 11, 29)
	return toGrace(domain.MailSubscriptionRenewed, domain.MailParams{Seats: seats})
}

// toFinance writes to an address without a name.
func toFinance(event, address string, p domain.MailParams) domain.Mail {
	return domain.Mail{Event: event, Account: "northwind", Recipient: address, Locale: "en", Params: p}
}

func invoice() domain.MailInvoice {
	return domain.MailInvoice{
		Number: "NW-000041", Type: domain.TypeInvoice, Contract: "nw-2026", Reseller: "Northwind", Period: domain.Period(domain.NewDate(2026, 11, 1)),
		Net: "10374.00", VAT: "1971.06", Total: "12345.06", Currency: "EUR", IssuedOn: domain.NewDate(2026, 12, 1), DueOn: domain.NewDate(2026, 12, 31),
	}
}

func creditNote() domain.MailInvoice {
	i := invoice()
	i.Number, i.Type, i.Contract, i.Net, i.VAT, i.Total = "NW-000042", domain.TypeCreditNote, "nw-2025", "-1000.00", "-190.00", "-1190.00"
	return i
}

func yenInvoice() domain.MailInvoice {
	i := invoice()
	i.Number, i.Contract, i.Reseller, i.Currency, i.Net, i.VAT, i.Total = "NW-000043", "sakura-jp", "Sakura Soft", "JPY", "1200000", "0", "1200000"
	i.DueOn = domain.NewDate(2027, 1, 30)
	return i
}

func issuedAs(i domain.MailInvoice) domain.Mail {
	return toFinance(domain.MailInvoiceIssued, "finance@northwind.example", domain.MailParams{
		Account: i.Reseller, Reseller: i.Reseller, Seller: "Contoso Licensing Ltd", Invoice: &i,
	})
}

func issued() domain.Mail { return issuedAs(invoice()) }

func freeInvoice() domain.Mail {
	i := invoice()
	i.Net, i.VAT, i.Total = "0.00", "0.00", "0.00"
	return issuedAs(i)
}

func credited() domain.Mail { return issuedAs(creditNote()) }

func closedAs(month domain.MailMonth) domain.Mail {
	month.Period = invoice().Period
	m := toFinance(domain.MailMonthClosed, "finance@contoso.example", domain.MailParams{Account: "Contoso Licensing Ltd", Month: &month})
	m.Account = ""
	return m
}

func closed() domain.Mail {
	second := invoice()
	second.Number, second.Contract, second.Reseller = "NW-000042", "fab-2026", "Fabrikam"
	second.Net, second.VAT, second.Total = "0.00", "0.00", "0.00"
	return closedAs(domain.MailMonth{
		Issued: 2, Invoices: []domain.MailInvoice{invoice(), second},
		Totals: []domain.MailTotal{{Currency: "EUR", Net: "10374.00", VAT: "1971.06", Total: "12345.06"}},
	})
}

func closedWithAttention() domain.Mail {
	return closedAs(domain.MailMonth{
		Invoices: []domain.MailInvoice{invoice(), creditNote(), yenInvoice()},
		Totals: []domain.MailTotal{
			{Currency: "EUR", Net: "9374.00", VAT: "1781.06", Total: "11155.06"}, {Currency: "JPY", Net: "1200000", VAT: "0", Total: "1200000"},
		},
		Issued: 2, Credited: 1, AttentionCount: 2,
		Attention: []domain.MailAttention{
			{Sort: domain.AttentionMissingRate, Contract: "fab-2026", Country: "IE", On: domain.NewDate(2026, 11, 30)},
			{Sort: domain.AttentionEnded, Contract: "wing-2026", Subscription: "wing-annual"},
		},
	})
}

func closedWithoutInvoices() domain.Mail {
	m := closedWithAttention()
	month := m.Params.Month
	month.Issued, month.Credited, month.Invoices, month.Totals = 0, 0, nil, nil
	month.AttentionCount, month.Attention = 1, []domain.MailAttention{{Sort: domain.AttentionFailed, Contract: "fab-2026"}}
	return m
}

// in is a mail to somebody who reads another language.
func in(l *language, m domain.Mail) domain.Mail {
	m.Locale = domain.Locale(l.tag)
	return m
}
