// Package model is the ledger in memory, for tests: it decides commands by the
// same rules as the store, with Go maps where the store has Postgres. What the
// two have in common is package domain alone, so a difference between them is a
// fault of one of the two.
package model

import "github.com/licenseledger/licenseledger/domain"

// Ledger holds every row there is.
type Ledger struct {
	Sellers   map[domain.SellerID]domain.Seller
	Taxes     map[domain.TaxKey]domain.Tax
	Products  map[domain.ProductID]domain.Product
	Accounts  map[domain.AccountID]domain.Account
	Users     map[domain.UserID]domain.User
	Contracts map[domain.ContractID]domain.Contract
	Learners  map[domain.LearnerKey]domain.Learner
	Links     map[domain.LinkKey]domain.Link

	Lots          map[domain.LotID]domain.Lot
	Licenses      map[domain.LicenseID]domain.License
	Orders        map[domain.OrderID]domain.Order
	Deployments   map[domain.DeploymentID]domain.Deployment
	Allocations   map[domain.AllocationID]domain.Allocation
	Subscriptions map[domain.SubscriptionID]domain.Subscription

	domain.Facts
	Sealed   map[domain.ContractID]domain.Date // last day of the last closed month, as far as the test tells
	Outcomes []domain.Outcome
	Clock    domain.Clock
	LastNo   int64 // of the last command decided

	tables []table
}

// New returns an empty ledger.
func New() *Ledger {
	l := &Ledger{Sealed: map[domain.ContractID]domain.Date{}}
	l.tables = []table{
		bind("sellers", &l.Sellers, func(s *domain.State) changed[domain.Seller] { return s.Sellers }, func(r domain.Seller) domain.SellerID { return r.Seller }),
		bind("taxes", &l.Taxes, func(s *domain.State) changed[domain.Tax] { return s.Taxes }, domain.Tax.Key),
		bind("products", &l.Products, func(s *domain.State) changed[domain.Product] { return s.Products }, func(r domain.Product) domain.ProductID { return r.Product }),
		bind("accounts", &l.Accounts, func(s *domain.State) changed[domain.Account] { return s.Accounts }, func(r domain.Account) domain.AccountID { return r.Account }),
		bind("users", &l.Users, func(s *domain.State) changed[domain.User] { return s.Users }, func(r domain.User) domain.UserID { return r.UserID }),
		bind("contracts", &l.Contracts, func(s *domain.State) changed[domain.Contract] { return s.Contracts }, func(r domain.Contract) domain.ContractID { return r.Contract }),
		bind("learners", &l.Learners, func(s *domain.State) changed[domain.Learner] { return s.Learners }, domain.Learner.Key),
		bind("links", &l.Links, func(s *domain.State) changed[domain.Link] { return s.Links }, domain.Link.Key),
		bind("lots", &l.Lots, func(s *domain.State) changed[domain.Lot] { return s.Lots }, func(r domain.Lot) domain.LotID { return r.Lot }),
		bind("licenses", &l.Licenses, func(s *domain.State) changed[domain.License] { return s.Licenses }, func(r domain.License) domain.LicenseID { return r.License }),
		bind("orders", &l.Orders, func(s *domain.State) changed[domain.Order] { return s.Orders }, func(r domain.Order) domain.OrderID { return r.OrderID }),
		bind("deployments", &l.Deployments, func(s *domain.State) changed[domain.Deployment] { return s.Deployments }, func(r domain.Deployment) domain.DeploymentID { return r.Deployment }),
		bind("allocations", &l.Allocations, func(s *domain.State) changed[domain.Allocation] { return s.Allocations }, func(r domain.Allocation) domain.AllocationID { return r.Allocation }),
		bind("subscriptions", &l.Subscriptions, func(s *domain.State) changed[domain.Subscription] { return s.Subscriptions }, func(r domain.Subscription) domain.SubscriptionID { return r.Subscription }),
	}
	return l
}

// Execute decides commands of one class as one batch and returns their outcomes.
func (l *Ledger) Execute(commands []*domain.Envelope) []domain.Outcome {
	if len(commands) == 0 {
		return nil
	}
	b := &batch{ledger: l, state: domain.NewState(), class: domain.ClassOf(commands[0].Kind)}
	b.state.Clock = l.Clock
	b.prepare(commands)
	outcomes := domain.DecideAll(b.state, b.steps)
	l.keep(b.state, outcomes)
	return outcomes
}

// keep takes what a batch decided.
func (l *Ledger) keep(s *domain.State, outcomes []domain.Outcome) {
	for _, t := range l.tables {
		t.apply(s)
	}
	l.Movements = append(l.Movements, s.Movements...)
	l.SeatChanges = append(l.SeatChanges, s.SeatChanges...)
	l.Charges = append(l.Charges, s.Charges...)
	l.History = append(l.History, s.History...)
	l.Mail = append(l.Mail, s.Mail...)
	l.Erasures = append(l.Erasures, s.Erasures...)
	for _, end := range s.ContractEnds {
		l.endWith(end)
	}
	l.Outcomes = append(l.Outcomes, outcomes...)
	if s.Clock.Set {
		l.Clock.Now = s.Clock.Now
	}
}

// endWith says anew when the flexible subscriptions under a contract end.
func (l *Ledger) endWith(end domain.ContractEnd) {
	for id, x := range l.Subscriptions {
		if x.Contract == end.Contract && x.Plan == domain.Flexible && x.State == domain.SubscriptionRunning {
			x.NextDueAt = end.DueAt
			l.Subscriptions[id] = x
		}
	}
}
