package domain_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/model"
	"github.com/licenseledger/licenseledger/internal/model/random"
	"github.com/licenseledger/licenseledger/jobs"
)

// sent is a command of a random story with the instant of its acceptance.
type sent struct {
	jobs.Command
	seq int64
	at  time.Time
}

func (s sent) envelope() *domain.Envelope { return random.Envelope(s.Command, s.seq, s.at) }

// story makes up a catalog and commands. Every command has a seed of its own,
// so that rapid can leave out those that a failure does not need.
func story(t *rapid.T, length int) (catalog, commands []sent) {
	var chance *rand.Rand
	g := random.New(func(n int) int { return chance.IntN(n) })
	chance = rand.New(rand.NewPCG(1, 1))
	for i, c := range g.Catalog() {
		catalog = append(catalog, sent{c, int64(i + 1), random.Start})
	}
	add := func(c jobs.Command, at time.Time) {
		commands = append(commands, sent{c, int64(len(catalog) + len(commands) + 1), at})
	}
	chance = rand.New(rand.NewPCG(anySeed.Draw(t, "seed of the foundations"), 3))
	for _, kind := range random.Foundations {
		g.Pass()
		add(g.Of(kind), g.Now)
	}
	for _, seed := range rapid.SliceOfN(anySeed, length/2, length).Draw(t, "seeds of the commands") {
		chance = rand.New(rand.NewPCG(seed, 7))
		g.Pass()
		at := g.Now
		if chance.IntN(8) == 0 { // it took its time on the way
			at = at.Add(-time.Duration(chance.IntN(72)) * time.Hour)
		}
		if chance.IntN(8) == 0 {
			add(g.Change(), at)
		} else {
			add(g.Business(), at)
		}
	}
	return catalog, commands
}

// anySeed is evenly spread, where rapid's own numbers are mostly small.
var anySeed = rapid.Custom(func(t *rapid.T) uint64 {
	seed := uint64(0)
	for range 4 {
		seed = seed*0x9e3779b97f4a7c15 + rapid.Uint64().Draw(t, "")
	}
	return seed
})

// cut makes batches as the batcher does: each of one class, otherwise anywhere.
func cut(commands []sent, here func() bool) [][]*domain.Envelope {
	var batches [][]*domain.Envelope
	for i, c := range commands {
		if i == 0 || domain.ClassOf(c.Kind) != domain.ClassOf(commands[i-1].Kind) || here() {
			batches = append(batches, nil)
		}
		batches[len(batches)-1] = append(batches[len(batches)-1], c.envelope())
	}
	return batches
}

func oneByOne() bool { return true }

// repair takes away what a reason names, by a change of the catalog or of the
// command itself. A repair must not be able to bring about a reason that comes
// earlier. Reasons without one end the search.
type repair func(l *model.Ledger, c *jobs.Command) (catalog domain.Command, ok bool)

var repairs = map[domain.Reason]repair{
	domain.ActorNotFound: func(_ *model.Ledger, c *jobs.Command) (domain.Command, bool) {
		c.Actor = "ada@north"
		return nil, true
	},
	domain.ContractNotFound:      setField("contract", func(account string) any { return map[string]string{"atlas": "C-ATLAS", "fjord": "C-FJORD"}[account] }),
	domain.ProductNotFound:       setField("product", func(string) any { return "pro" }),
	domain.LotNotFound:           setField("lot", func(string) any { return nil }),
	domain.PurchaseOrderRequired: setField("purchase_order", func(string) any { return "PO-1" }),
	domain.QuantityBelowMinimum:  setField("quantity", func(string) any { return 900_000 }),
	domain.FulfilRequired: func(l *model.Ledger, c *jobs.Command) (domain.Command, bool) {
		fields := body(c)
		delete(fields, "coterm_with") // not with stock
		c.Body, _ = json.Marshal(fields)
		return setField("fulfil", func(string) any { return "stock" })(l, c)
	},
	domain.PermissionDenied: func(l *model.Ledger, c *jobs.Command) (domain.Command, bool) {
		user := l.Users[c.Actor]
		if !slices.Contains(user.Roles, domain.Manager) && !slices.Contains(user.Roles, domain.Sales) {
			return domain.PutUser{ID: user.UserID, Account: user.Account, Name: user.Name, Roles: []domain.Role{domain.Sales}, Locale: user.Locale}, true
		}
		contract, ok := named(l, c)
		if !ok || contract.Reseller != user.Account || slices.Contains(contract.CreatePermission, c.Actor) || c.OnBehalfOf != "" {
			return nil, false
		}
		contract.CreatePermission = append(slices.Clone(contract.CreatePermission), c.Actor)
		return again(contract), true
	},
	domain.ContractInactive: onContract(func(c *domain.Contract, _ domain.ProductID) {
		c.Status, c.StartsOn, c.EndsOn = domain.ContractActive, domain.NewDate(2000, 1, 1), 0
	}),
	domain.ProductNotInContract: onContract(sell),
	domain.PlanNotInContract:    onContract(sell),
	domain.AccountClosed:        onAccount(func(a *domain.Account, _ domain.Product) { a.Status = domain.AccountActive }),
	domain.TrialAccount:         onAccount(func(a *domain.Account, _ domain.Product) { a.Trial = false }),
	domain.PackageMismatch:      onAccount(func(a *domain.Account, p domain.Product) { a.Package = p.Package }),
}

func body(c *jobs.Command) map[string]any {
	fields := map[string]any{}
	if err := json.Unmarshal(c.Body, &fields); err != nil {
		panic(err)
	}
	return fields
}

func setField(name string, value func(account string) any) repair {
	return func(l *model.Ledger, c *jobs.Command) (domain.Command, bool) {
		fields := body(c)
		old := fields[name]
		fields[name] = value(string(l.Users[c.Actor].Account))
		if fields[name] == "" {
			fields[name] = "C-NORTH"
		}
		if fmt.Sprint(fields[name]) == fmt.Sprint(old) {
			return nil, false
		}
		kind, _ := jobs.KindNamed(c.Kind)
		if !slices.ContainsFunc(kind.Fields(), func(f jobs.Field) bool { return f.Name == name }) {
			return nil, false
		}
		c.Body, _ = json.Marshal(fields)
		return nil, true
	}
}

// named finds the contract that a command is about.
func named(l *model.Ledger, c *jobs.Command) (domain.Contract, bool) {
	fields := body(c)
	id, _ := fields["contract"].(string)
	if order, ok := fields["order"].(string); ok {
		id = string(l.Orders[domain.OrderID(order)].Contract)
	}
	contract, ok := l.Contracts[domain.ContractID(id)]
	return contract, ok
}

func product(l *model.Ledger, c *jobs.Command) domain.Product {
	fields := body(c)
	id, _ := fields["product"].(string)
	if order, ok := fields["order"].(string); ok {
		id = string(l.Orders[domain.OrderID(order)].Product)
	}
	return l.Products[domain.ProductID(id)]
}

func onContract(change func(*domain.Contract, domain.ProductID)) repair {
	return func(l *model.Ledger, c *jobs.Command) (domain.Command, bool) {
		contract, ok := named(l, c)
		if !ok {
			return nil, false
		}
		change(&contract, product(l, c).Product)
		return again(contract), true
	}
}

func sell(c *domain.Contract, id domain.ProductID) {
	c.Products = slices.DeleteFunc(slices.Clone(c.Products), func(p domain.ContractProduct) bool { return p.Product == id })
	price, err := domain.ParsePrice("1.5")
	if err != nil {
		panic(err)
	}
	c.Products = append(c.Products, domain.ContractProduct{
		Product: id, Prices: domain.Prices{Term: &price, Flexible: &price, AnnualMonthly: &price, AnnualYearly: &price},
	})
}

// again is the contract.put that leads to a row.
func again(c domain.Contract) domain.Command {
	put := domain.PutContract{
		ID: c.Contract, Seller: c.Seller, Reseller: c.Reseller, Status: c.Status, StartsOn: c.StartsOn, EndsOn: c.EndsOn,
		Currency: c.Currency, TimeZone: c.TimeZone, DayCount: c.DayCount, PaymentTermsDays: domain.Days(c.PaymentTermsDays),
		PurchaseOrderRequired: c.PurchaseOrderRequired, MinimumQuantity: domain.Quantity(c.MinimumQuantity),
		MaxSeatsPerCustomer: (*domain.Seats)(c.MaxSeatsPerCustomer),
		FinanceEmails:       c.FinanceEmails, CreatePermission: c.CreatePermission, Products: c.Products,
	}
	return put
}

// onAccount changes the account that would receive something.
func onAccount(change func(*domain.Account, domain.Product)) repair {
	return func(l *model.Ledger, c *jobs.Command) (domain.Command, bool) {
		fields := body(c)
		id, _ := fields["to"].(string)
		if id == "" {
			id, _ = fields["account"].(string)
		}
		if order, ok := fields["order"].(string); ok {
			id = string(l.Orders[domain.OrderID(order)].Account)
		}
		a, ok := l.Accounts[domain.AccountID(id)]
		if !ok {
			return nil, false
		}
		change(&a, product(l, c))
		return domain.PutAccount{
			ID: a.Account, AccountKind: a.Kind, Parent: a.Parent, Name: a.Name, Address: a.Address, VATNumber: a.VATNumber,
			Package: a.Package, Trial: a.Trial, Status: a.Status, Locale: a.Locale, PurchaseLink: a.PurchaseLink,
		}, true
	}
}
