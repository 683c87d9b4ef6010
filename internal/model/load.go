package model

import (
	"cmp"
	"maps"
	"slices"

	"github.com/licenseledger/licenseledger/domain"
)

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
	sellers   map[domain.SellerID]bool
}

func (b *batch) prepare(commands []*domain.Envelope) {
	b.accounts, b.contracts = map[domain.AccountID]bool{}, map[domain.ContractID]bool{}
	b.products, b.sellers = map[domain.ProductID]bool{}, map[domain.SellerID]bool{}
	for _, c := range commands {
		step := domain.Step{Envelope: c, Keys: &domain.Keys{}}
		if c.Command != nil {
			step.Names = domain.NamesIn(c.Command)
		}
		b.steps = append(b.steps, step)
		b.loadNamed(c, step.Names)
	}
	b.loadCatalog()
	b.loadAccounts()
	for i, step := range b.steps {
		if step.Envelope.Command != nil {
			step.Envelope.Command.Reads(b.state, step.Envelope, step.Keys)
		}
		b.state.LearnCreated(step.Keys)
		b.ledger.LastNo++
		b.steps[i].No = b.ledger.LastNo
	}
	b.declare()
	for _, step := range b.steps {
		b.loadHoldings(step.Keys)
	}
	b.loadNeeded()
}

func (b *batch) loadNamed(e *domain.Envelope, names domain.Names) {
	l, s := b.ledger, b.state
	for _, id := range append([]domain.UserID{e.Actor}, names.Users...) {
		load(s.Users, l.Users, id)
		add(b.accounts, l.Users[id].Account)
	}
	add(b.accounts, e.OnBehalfOf)
	add(b.accounts, names.Accounts...)
	add(b.contracts, names.Contracts...)
	add(b.products, names.Products...)
	add(b.sellers, names.Sellers...)
	for _, id := range names.Orders {
		if o, ok := l.Orders[id]; ok {
			b.owns("order", string(id), domain.Owner{Account: o.Account, Contract: o.Contract, Product: o.Product, Subscription: o.Subscription, Quantity: o.Quantity})
		}
	}
	for _, id := range names.Licenses {
		if x, ok := l.Licenses[id]; ok {
			b.owns("license", string(id), domain.Owner{Account: x.Account, Contract: x.Contract, Product: x.Product, Quantity: x.Quantity})
		}
	}
	for _, id := range names.Lots {
		if x, ok := l.Lots[id]; ok {
			b.owns("lot", string(id), domain.Owner{Account: x.Account, Contract: x.Contract, Product: x.Product, Quantity: x.Quantity})
		}
	}
	for _, id := range names.Deployments {
		if x, ok := l.Deployments[id]; ok {
			b.owns("deployment", string(id), domain.Owner{Account: x.Owner, Second: x.Account})
		}
	}
	for _, id := range names.Subscriptions {
		if x, ok := l.Subscriptions[id]; ok {
			b.owns("subscription", string(id), domain.Owner{Account: x.Account, Contract: x.Contract, Product: x.Product})
		}
	}
}

// owns says where a row belongs, by columns that never change.
func (b *batch) owns(table, id string, o domain.Owner) {
	b.state.LoadOwner(table, id, o)
	add(b.accounts, o.Account, o.Second)
	add(b.contracts, o.Contract)
	add(b.products, o.Product)
}

func (b *batch) loadCatalog() {
	l, s := b.ledger, b.state
	if b.class == domain.Catalog { // what a seller or reseller is tied to
		for id, c := range l.Contracts {
			if b.sellers[c.Seller] || b.accounts[c.Reseller] {
				add(b.contracts, id)
				add(b.sellers, c.Seller)
			}
		}
		for key, tax := range l.Taxes {
			s.Taxes.Load(key, tax)
		}
	}
	for id := range b.sellers {
		load(s.Sellers, l.Sellers, id)
	}
	for id := range b.products {
		load(s.Products, l.Products, id)
	}
	for id := range b.contracts {
		load(s.Contracts, l.Contracts, id)
		add(b.accounts, l.Contracts[id].Reseller)
		if sealed := l.Billing[id].SealedThrough; sealed != 0 {
			s.LoadSealed(id, sealed)
		}
	}
}

func (b *batch) loadAccounts() {
	l, s := b.ledger, b.state
	managed := maps.Clone(b.accounts)
	for id := range b.accounts {
		if _, exists := l.Accounts[id]; exists && b.class == domain.Catalog {
			s.LoadUsage(id, l.usage(id))
		}
		s.Accounts.Declare(id)
		for a := id; a != ""; a = l.Accounts[a].Parent {
			load(s.Accounts, l.Accounts, a)
		}
		add(managed, l.Accounts[id].Parent)
	}
	for id := range managed {
		for _, manager := range l.managers(id) {
			s.LoadManager(manager)
		}
	}
	for key, link := range l.Links {
		if b.accounts[link.Account] || b.accounts[link.Source] {
			s.Links.Load(key, link)
		}
	}
}

// declare says what will have been looked for, before anything is loaded.
func (b *batch) declare() {
	s := b.state
	for _, step := range b.steps {
		k := step.Keys
		for pool := range k.Stock {
			s.Stock.Declare(pool)
		}
		for pool := range k.Held {
			s.Held.Declare(pool)
		}
		for _, pool := range k.Seats {
			s.Seats.Declare(pool)
		}
		for _, pool := range k.InUse {
			s.InUse.Declare(pool)
		}
		for _, id := range k.Allocated {
			s.Allocated.Declare(id)
		}
	}
}

func (b *batch) loadHoldings(k *domain.Keys) {
	l, s := b.ledger, b.state
	for _, id := range k.Orders {
		load(s.Orders, l.Orders, id)
	}
	for _, id := range k.Learners {
		load(s.Learners, l.Learners, id)
	}
	loadInto(s.Lots, l.Lots, k.Lots, s.Stock.Load)
	loadInto(s.Licenses, l.Licenses, k.Licenses, s.Held.Load)
	loadInto(s.Deployments, l.Deployments, k.Deployments, s.LoadDeployment)
	loadInto(s.Subscriptions, l.Subscriptions, k.Subscriptions, s.Seats.Load)
	for _, lot := range l.Lots {
		if _, wanted := k.Stock[domain.Pool{Account: lot.Account, Product: lot.Product}]; wanted && lot.Remaining > 0 && !lot.Expired {
			s.Stock.Load(lot)
		}
	}
	for _, x := range l.Licenses {
		if _, wanted := k.Held[domain.Pool{Account: x.Account, Product: x.Product}]; wanted && x.Quantity > 0 && !x.Expired {
			s.Held.Load(x)
		}
	}
	for _, x := range l.Subscriptions {
		if x.State == domain.SubscriptionRunning && slices.Contains(k.Seats, domain.SeatPool{Contract: x.Contract, Account: x.Account}) {
			s.Seats.Load(x)
		}
	}
	for _, a := range l.Allocations {
		pool := domain.LearnerPool{Account: a.Account, Product: a.Product, Learner: a.Learner}
		if a.EndedOn == 0 && (slices.Contains(k.Allocated, a.License) || slices.Contains(k.InUse, pool)) {
			s.LoadAllocation(a)
		}
	}
}

// loadNeeded brings what loaded rows depend on: the deployments of licenses, the
// licenses of allocations and deployments, the contracts whose zones date them.
func (b *batch) loadNeeded() {
	l, s := b.ledger, b.state
	seen := map[domain.LicenseID]bool{}
	for _, step := range b.steps {
		for _, license := range step.Keys.Deployed {
			if seen[license] {
				continue
			}
			seen[license] = true
			for _, x := range l.deployments(license) {
				s.LoadDeployed(license, x)
			}
		}
	}
	loadInto(s.Licenses, l.Licenses, s.NeededLicenses(), s.Held.Load)
	for _, id := range s.NeededContracts() {
		if !b.contracts[id] {
			load(s.Contracts, l.Contracts, id)
		}
	}
}

// deployments lists the active ones that hold a license, the oldest first.
func (l *Ledger) deployments(license domain.LicenseID) []domain.Deployment {
	var found []domain.Deployment
	for _, x := range l.Deployments {
		if x.State == domain.DeploymentActive && slices.ContainsFunc(x.Items, func(i domain.DeploymentItem) bool { return i.License == license }) {
			found = append(found, x)
		}
	}
	slices.SortFunc(found, func(a, b domain.Deployment) int {
		return cmp.Or(cmp.Compare(a.No, b.No), cmp.Compare(a.Deployment, b.Deployment))
	})
	return found
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
	for _, x := range l.Subscriptions {
		u.RunningSubscriptions = u.RunningSubscriptions || x.Account == account && x.State == domain.SubscriptionRunning
	}
	return u
}
