package domain

import (
	"slices"
	"strings"
)

// Events that people are told of.
const (
	MailAssigned  = "license.assigned"
	MailRequested = "order.requested"
)

// mailAssigned tells a customer of new licenses (rule 31).
func (d *Decision) mailAssigned(to Account, licenses []License, order Order) {
	params := MailParams{
		Account: to.Name, Reseller: d.Accounts.rows[to.Parent].Name, Order: order.OrderID, PurchaseOrder: order.PurchaseOrder,
	}
	for _, l := range licenses {
		params.Licenses = append(params.Licenses, MailLicense{
			License: l.License, Product: d.Products.rows[l.Product].Name, Quantity: l.Quantity, StartsOn: l.StartsOn, LastDay: l.ExpiresOn - 1,
		})
	}
	d.mailCustomer(MailAssigned, to, params)
}

// mailRequested tells the reseller that a customer wants something.
func (d *Decision) mailRequested(customer Account, p Product, o Order) {
	d.mail(MailRequested, customer.Account, d.managersOf(customer.Parent), MailParams{
		Account: customer.Name, Reseller: d.Accounts.rows[customer.Parent].Name, Order: o.OrderID, PurchaseOrder: o.PurchaseOrder,
		Note: o.Note, By: d.actor.Name, Licenses: []MailLicense{{Product: p.Name, Quantity: o.Quantity}},
	})
}

// mailCustomer writes to the customer's managers; without one, to the
// reseller's, and the outcome says so.
func (d *Decision) mailCustomer(event string, to Account, params MailParams) {
	managers := d.managersOf(to.Account)
	if len(managers) == 0 {
		managers = d.managersOf(to.Parent)
		d.detail = string(to.Account) + " has no manager; the managers of " + string(to.Parent) + " are mailed"
	}
	d.mail(event, to.Account, managers, params)
}

func (d *Decision) mail(event string, about AccountID, to []User, params MailParams) {
	for _, user := range to {
		d.mails++
		d.Mail = append(d.Mail, Mail{
			No: d.No, N: int64(d.mails), Event: event, Account: about, Recipient: string(user.UserID), Name: user.Name,
			Locale: d.localeOf(user), Params: params, CreatedAt: d.At, Cause: d.Base(),
		})
	}
}

// remanage keeps the managers of accounts true within a batch that changes users.
func (s *State) remanage(old, user User) {
	s.managers[old.Account] = slices.DeleteFunc(slices.Clone(s.managers[old.Account]), func(u User) bool { return u.UserID == user.UserID })
	if !slices.Contains(user.Roles, Manager) {
		return
	}
	others := slices.DeleteFunc(slices.Clone(s.managers[user.Account]), func(u User) bool { return u.UserID == user.UserID })
	at, _ := slices.BinarySearchFunc(others, user, func(a, b User) int { return strings.Compare(string(a.UserID), string(b.UserID)) })
	s.managers[user.Account] = slices.Insert(others, at, user)
}

func (d *Decision) managersOf(account AccountID) []User { return d.managers[account] }

func (d *Decision) localeOf(u User) Locale {
	if u.Locale != "" {
		return u.Locale
	}
	return d.Accounts.rows[u.Account].Locale
}
