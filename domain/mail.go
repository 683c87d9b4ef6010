package domain

import (
	"slices"
	"strings"
)

// Events that people are told of.
const (
	MailAssigned          = "license.assigned"
	MailSold              = "license.sold"
	MailPulled            = "license.pulled"
	MailLinked            = "account.linked"
	MailRequested         = "order.requested"
	MailRejected          = "order.rejected"
	MailSubscriptionEnded = "subscription.ended"

	MailStockExpiring        = "stock.expiring"
	MailStockExpired         = "stock.expired"
	MailLicenseExpiring      = "license.expiring"
	MailLicenseExpired       = "license.expired"
	MailSubscriptionRenewing = "subscription.renewing"
	MailSubscriptionRenewed  = "subscription.renewed"
	MailInvoiceIssued        = "invoice.issued"
	MailMonthClosed          = "month.closed"
)

// mailAssigned tells a customer of new licenses (rule 31).
func (d *Decision) mailAssigned(to Account, licenses []License, order Order) {
	d.mailCustomer(MailAssigned, to, MailParams{
		Account: to.Name, Reseller: d.nameOf(to.Parent), Order: order.OrderID, PurchaseOrder: order.PurchaseOrder,
		Licenses: d.mailLines(licenses),
	})
}

// mailSeatsAssigned tells a customer of seats it asked for.
func (d *Decision) mailSeatsAssigned(to Account, x Subscription, order Order) {
	d.mailCustomer(MailAssigned, to, MailParams{
		Account: to.Name, Reseller: d.nameOf(to.Parent), Order: order.OrderID, PurchaseOrder: order.PurchaseOrder,
		Seats: d.mailSeats(x, order.Quantity),
	})
}

// mailSold tells the new owner, once per sale (rules 24 and 26).
func (d *Decision) mailSold(to Account, licenses []License, deployment Name) {
	d.mailCustomer(MailSold, to, MailParams{
		Account: to.Name, Reseller: d.nameOf(to.Parent), Deployment: deployment, Licenses: d.mailLines(licenses),
	})
}

// mailPulled tells the source what was taken (rule 28).
func (d *Decision) mailPulled(receiver, source Account, items []Item) {
	params := MailParams{Receiver: receiver.Name, Source: source.Name, By: d.actor.Name}
	for _, item := range items {
		params.Licenses = append(params.Licenses, MailLicense{Product: d.Products.rows[item.Product].Name, Quantity: int64(item.Quantity)})
	}
	d.mail(MailPulled, source.Account, d.managers[source.Account], params)
}

// mailLinked tells both sides.
func (d *Decision) mailLinked(receiver, source Account) {
	params := MailParams{Receiver: receiver.Name, Source: source.Name, By: d.actor.Name}
	d.mail(MailLinked, receiver.Account, d.managers[receiver.Account], params)
	d.mail(MailLinked, source.Account, d.managers[source.Account], params)
}

// mailRequested tells the reseller that a customer wants something.
func (d *Decision) mailRequested(customer Account, p Product, o Order) {
	params := MailParams{
		Account: customer.Name, Reseller: d.nameOf(customer.Parent), Order: o.OrderID, PurchaseOrder: o.PurchaseOrder,
		Note: o.Note, By: d.actor.Name,
	}
	if o.Kind == OrderSeats {
		params.Seats = d.mailSeats(d.Subscriptions.rows[o.Subscription], o.Quantity)
	} else {
		params.Licenses = []MailLicense{{Product: p.Name, Quantity: o.Quantity}}
	}
	d.mail(MailRequested, customer.Account, d.managers[customer.Parent], params)
}

// mailRejected tells the customer why (rule 32).
func (d *Decision) mailRejected(customer Account, o Order, why Name) {
	params := MailParams{
		Account: customer.Name, Reseller: d.nameOf(customer.Parent), Order: o.OrderID, PurchaseOrder: o.PurchaseOrder, Why: why,
	}
	if o.Kind == OrderSeats {
		params.Seats = d.mailSeats(d.Subscriptions.rows[o.Subscription], o.Quantity)
	} else {
		params.Licenses = []MailLicense{{Product: d.Products.rows[o.Product].Name, Quantity: o.Quantity}}
	}
	d.mailCustomer(MailRejected, customer, params)
}

// mailStock tells a reseller that stock is about to expire, or has.
func (d *Decision) mailStock(event string, l Lot, quantity int64) {
	account := d.Accounts.rows[l.Account]
	d.mail(event, l.Account, d.managers[l.Account], MailParams{
		Account: account.Name, Reseller: account.Name,
		Licenses: []MailLicense{{
			Lot: l.Lot, Product: d.Products.rows[l.Product].Name, Quantity: quantity, StartsOn: l.PurchasedOn, LastDay: l.ExpiresOn - 1,
		}},
	})
}

// mailLicense tells the customer and its reseller that licenses are about to expire, or have.
func (d *Decision) mailLicense(event string, l License) {
	account := d.Accounts.rows[l.Account]
	to, params := d.managers[l.Account], MailParams{Account: account.Name, Licenses: d.mailLines([]License{l})}
	if account.Kind == Customer {
		to, params.Reseller = slices.Concat(to, d.managers[account.Parent]), d.nameOf(account.Parent)
	}
	d.mail(event, l.Account, to, params)
}

// mailSubscription tells customer and reseller; seats is how many there were.
func (d *Decision) mailSubscription(event string, customer Account, x Subscription, seats int64) {
	params := MailParams{Account: customer.Name, Reseller: d.nameOf(customer.Parent), Seats: d.mailSeats(x, seats)}
	both := slices.Concat(d.managers[customer.Account], d.managers[customer.Parent])
	d.mail(event, customer.Account, both, params)
}

// mailCustomer writes to the customer's managers; without one, to the
// reseller's, and the outcome says so.
func (d *Decision) mailCustomer(event string, to Account, params MailParams) {
	managers := d.managers[to.Account]
	if len(managers) == 0 {
		managers = d.managers[to.Parent]
		d.detail = string(to.Account) + " has no manager; the managers of " + string(to.Parent) + " are mailed"
	}
	d.mail(event, to.Account, managers, params)
}

// mail writes one message per recipient.
func (d *Decision) mail(event string, about AccountID, to []User, params MailParams) {
	for _, user := range to {
		d.mails++
		d.Mail = append(d.Mail, Mail{
			No: d.No, N: int64(d.mails), Event: event, Account: about, Recipient: string(user.UserID), Name: user.Name,
			Locale: d.localeOf(user), Params: params, CreatedAt: d.At, Cause: d.Base(),
		})
	}
}

func (d *Decision) mailLines(licenses []License) []MailLicense {
	lines := make([]MailLicense, len(licenses))
	for i, l := range licenses {
		lines[i] = MailLicense{
			License: l.License, Product: d.Products.rows[l.Product].Name, Quantity: l.Quantity, StartsOn: l.StartsOn, LastDay: l.ExpiresOn - 1,
		}
	}
	return lines
}

func (d *Decision) mailSeats(x Subscription, quantity int64) *MailSeats {
	seats := &MailSeats{
		Subscription: x.Subscription, Product: d.Products.rows[x.Product].Name, Plan: x.Plan, Quantity: quantity, Seats: x.Seats,
	}
	if x.TermEndsOn != 0 {
		seats.LastDay = x.TermEndsOn - 1
	}
	return seats
}

func (d *Decision) nameOf(id AccountID) Name { return d.Accounts.rows[id].Name }

func (d *Decision) localeOf(u User) Locale {
	if u.Locale != "" {
		return u.Locale
	}
	return d.Accounts.rows[u.Account].Locale
}

// remanage keeps the managers of accounts true within a batch that changes users.
func (s *State) remanage(old, user User) {
	s.managers[old.Account] = without(s.managers[old.Account], user.UserID)
	if !slices.Contains(user.Roles, Manager) {
		return
	}
	others := without(s.managers[user.Account], user.UserID)
	at, _ := slices.BinarySearchFunc(others, user, func(a, b User) int { return strings.Compare(string(a.UserID), string(b.UserID)) })
	s.managers[user.Account] = slices.Insert(others, at, user)
}

func without(users []User, id UserID) []User {
	return slices.DeleteFunc(slices.Clone(users), func(u User) bool { return u.UserID == id })
}
