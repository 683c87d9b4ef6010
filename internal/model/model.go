// Package model is the ledger in memory, for tests: it decides commands by the
// same rules as the store, with Go maps where the store has Postgres. What the
// two have in common is package domain alone, so a difference between them is a
// fault of one of the two.
package model

import (
	"maps"
	"slices"

	"github.com/licenseledger/licenseledger/domain"
)

// Ledger holds every row there is.
type Ledger struct {
	Sellers   map[domain.SellerID]domain.Seller
	Taxes     map[domain.TaxKey]domain.Tax
	Products  map[domain.ProductID]domain.Product
	Accounts  map[domain.AccountID]domain.Account
	Users     map[domain.UserID]domain.User
	Contracts map[domain.ContractID]domain.Contract
	Links     map[domain.LinkKey]domain.Link
	Lots      map[domain.LotID]domain.Lot
	Licenses  map[domain.LicenseID]domain.License
	Orders    map[domain.OrderID]domain.Order

	domain.Facts
	Outcomes []domain.Outcome
	Clock    domain.Clock
	LastNo   int64 // of the last command decided

	tables []table
}

// New returns an empty ledger.
func New() *Ledger {
	l := &Ledger{}
	l.tables = []table{
		bind("sellers", &l.Sellers, func(s *domain.State) source[domain.SellerID, domain.Seller] { return s.Sellers }, func(r domain.Seller) domain.SellerID { return r.Seller }),
		bind("taxes", &l.Taxes, func(s *domain.State) source[domain.TaxKey, domain.Tax] { return s.Taxes }, domain.Tax.Key),
		bind("products", &l.Products, func(s *domain.State) source[domain.ProductID, domain.Product] { return s.Products }, func(r domain.Product) domain.ProductID { return r.Product }),
		bind("accounts", &l.Accounts, func(s *domain.State) source[domain.AccountID, domain.Account] { return s.Accounts }, func(r domain.Account) domain.AccountID { return r.Account }),
		bind("users", &l.Users, func(s *domain.State) source[domain.UserID, domain.User] { return s.Users }, func(r domain.User) domain.UserID { return r.UserID }),
		bind("contracts", &l.Contracts, func(s *domain.State) source[domain.ContractID, domain.Contract] { return s.Contracts }, func(r domain.Contract) domain.ContractID { return r.Contract }),
		bind("links", &l.Links, func(s *domain.State) source[domain.LinkKey, domain.Link] { return s.Links }, domain.Link.Key),
		bind("lots", &l.Lots, func(s *domain.State) source[domain.LotID, domain.Lot] { return s.Lots }, func(r domain.Lot) domain.LotID { return r.Lot }),
		bind("licenses", &l.Licenses, func(s *domain.State) source[domain.LicenseID, domain.License] { return s.Licenses }, func(r domain.License) domain.LicenseID { return r.License }),
		bind("orders", &l.Orders, func(s *domain.State) source[domain.OrderID, domain.Order] { return s.Orders }, func(r domain.Order) domain.OrderID { return r.OrderID }),
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
	l.Charges = append(l.Charges, s.Charges...)
	l.History = append(l.History, s.History...)
	l.Mail = append(l.Mail, s.Mail...)
	l.Outcomes = append(l.Outcomes, outcomes...)
	if s.Clock.Set {
		l.Clock.Now = s.Clock.Now
	}
}

// batch is what the store's loader is: it brings what the commands name and ask
// for into the state, and nothing else.
type batch struct {
	ledger *Ledger
	state  *domain.State
	class  domain.Class
	steps  []domain.Step

	accounts  map[domain.AccountID]bool
	contracts map[domain.ContractID]bool
	products  map[domain.ProductID]bool
}

func (b *batch) prepare(commands []*domain.Envelope) {
	b.accounts, b.contracts, b.products = map[domain.AccountID]bool{}, map[domain.ContractID]bool{}, map[domain.ProductID]bool{}
	for _, c := range commands {
		step := domain.Step{Envelope: c, Keys: &domain.Keys{}}
		if c.Command != nil {
			step.Names = domain.NamesIn(c.Command)
		}
		b.steps = append(b.steps, step)
	}
	for _, step := range b.steps {
		b.loadNamed(step.Envelope, step.Names)
	}
	b.loadCatalog()
	b.loadAccounts()
	for i, step := range b.steps {
		if step.Envelope.Command != nil {
			step.Envelope.Command.Reads(b.state, step.Envelope, step.Keys)
		}
		for id, owner := range step.Keys.Created {
			b.state.LoadOwner(id, owner)
		}
		b.ledger.LastNo++
		b.steps[i].No = b.ledger.LastNo
	}
	for _, step := range b.steps {
		b.loadHoldings(step.Keys)
	}
	b.loadLotContracts()
}

func (b *batch) loadNamed(e *domain.Envelope, names domain.Names) {
	l, s := b.ledger, b.state
	for _, id := range append([]domain.UserID{e.Actor}, names.Users...) {
		load(s.Users, l.Users, id)
		add(b.accounts, l.Users[id].Account)
	}
	for _, id := range names.Sellers {
		load(s.Sellers, l.Sellers, id)
	}
	for _, id := range names.Orders {
		if o, ok := l.Orders[id]; ok {
			b.owns(string(id), domain.Owner{Account: o.Account, Contract: o.Contract, Product: o.Product, Quantity: o.Quantity})
		}
	}
	add(b.accounts, e.OnBehalfOf)
	add(b.accounts, names.Accounts...)
	add(b.contracts, names.Contracts...)
	add(b.products, names.Products...)
}

// owns says where a row belongs, by columns that never change.
func (b *batch) owns(id string, o domain.Owner) {
	b.state.LoadOwner(id, o)
	add(b.accounts, o.Account)
	add(b.contracts, o.Contract)
	add(b.products, o.Product)
}

func (b *batch) loadCatalog() {
	for id := range b.products {
		load(b.state.Products, b.ledger.Products, id)
	}
	for id := range b.contracts {
		load(b.state.Contracts, b.ledger.Contracts, id)
		add(b.accounts, b.ledger.Contracts[id].Reseller)
	}
}

func (b *batch) loadAccounts() {
	l, s := b.ledger, b.state
	managed := maps.Clone(b.accounts)
	for id := range b.accounts {
		if b.class == domain.Catalog {
			if _, exists := l.Accounts[id]; exists {
				s.LoadUsage(id, l.usage(id))
			}
		}
		for a := id; a != ""; a = l.Accounts[a].Parent {
			load(s.Accounts, l.Accounts, a)
		}
		add(managed, l.Accounts[id].Parent)
	}
	for id := range managed {
		s.LoadManagers(id, l.managers(id))
	}
	for key, link := range l.Links {
		if b.accounts[link.Account] || b.accounts[link.Source] {
			s.Links.Load(key, link)
		}
	}
}

func (b *batch) loadHoldings(k *domain.Keys) {
	l, s := b.ledger, b.state
	for _, id := range k.Orders {
		load(s.Orders, l.Orders, id)
	}
	for pool := range k.Stock {
		s.DeclareOpenLots(pool)
		for _, lot := range l.Lots {
			if lot.Account == pool.Account && lot.Product == pool.Product && lot.Remaining > 0 && !lot.Expired {
				s.LoadLot(lot)
			}
		}
	}
	for _, id := range k.Lots {
		s.Lots.Declare(id)
		if lot, ok := l.Lots[id]; ok {
			s.LoadLot(lot)
		}
	}
}

// loadLotContracts brings the contracts whose zones date the loaded lots.
func (b *batch) loadLotContracts() {
	for _, id := range b.state.LotContracts() {
		if !b.contracts[id] {
			load(b.state.Contracts, b.ledger.Contracts, id)
		}
	}
}

func (l *Ledger) managers(account domain.AccountID) []domain.User {
	var managers []domain.User
	for _, id := range slices.Sorted(maps.Keys(l.Users)) {
		if u := l.Users[id]; u.Account == account && slices.Contains(u.Roles, domain.Manager) {
			managers = append(managers, u)
		}
	}
	return managers
}

func (l *Ledger) usage(account domain.AccountID) (u domain.Usage) {
	for _, a := range l.Accounts {
		u.Children = u.Children || a.Parent == account
	}
	for _, c := range l.Contracts {
		u.Contracts = u.Contracts || c.Reseller == account
	}
	for _, o := range l.Orders {
		u.RequestedOrders = u.RequestedOrders || o.Account == account && o.State == domain.OrderRequested
	}
	return u
}
