package store

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

// wanted is what the commands of a batch read below their accounts, together.
type wanted struct {
	orders        set[domain.OrderID]
	lots          set[domain.LotID]
	licenses      set[domain.LicenseID]
	deployments   set[domain.DeploymentID]
	subscriptions set[domain.SubscriptionID]
	learners      set[domain.LearnerKey]
	allocated     set[domain.LicenseID]
	deployed      set[domain.LicenseID]
	seats         map[domain.SeatPool]bool
	inUse         map[domain.LearnerPool]bool
	stock         map[domain.Pool]int64
	held          map[domain.Pool]int64
}

func wantedBy(steps []domain.Step) wanted {
	w := wanted{
		orders: set[domain.OrderID]{}, lots: set[domain.LotID]{}, licenses: set[domain.LicenseID]{},
		deployments: set[domain.DeploymentID]{}, subscriptions: set[domain.SubscriptionID]{}, learners: set[domain.LearnerKey]{},
		allocated: set[domain.LicenseID]{}, deployed: set[domain.LicenseID]{},
		seats: map[domain.SeatPool]bool{}, inUse: map[domain.LearnerPool]bool{},
		stock: map[domain.Pool]int64{}, held: map[domain.Pool]int64{},
	}
	for _, step := range steps {
		k := step.Keys
		w.orders.add(k.Orders...)
		w.lots.add(k.Lots...)
		w.licenses.add(k.Licenses...)
		w.deployments.add(k.Deployments...)
		w.subscriptions.add(k.Subscriptions...)
		w.learners.add(k.Learners...)
		w.allocated.add(k.Allocated...)
		w.deployed.add(k.Deployed...)
		for _, pool := range k.Seats {
			w.seats[pool] = true
		}
		for _, pool := range k.InUse {
			w.inUse[pool] = true
		}
		for pool, quantity := range k.Stock {
			w.stock[pool] += quantity
		}
		for pool, quantity := range k.Held {
			w.held[pool] += quantity
		}
	}
	return w
}

// declare says what will have been looked for, found or not.
func (w wanted) declare(s *domain.State) {
	declare(s.Orders, w.orders)
	declare(s.Lots, w.lots)
	declare(s.Licenses, w.licenses)
	declare(s.Deployments, w.deployments)
	declare(s.Subscriptions, w.subscriptions)
	declare(s.Learners, w.learners)
	for id := range w.allocated {
		s.Allocated.Declare(id)
	}
	for pool := range w.seats {
		s.Seats.Declare(pool)
	}
	for pool := range w.inUse {
		s.InUse.Declare(pool)
	}
	for pool := range w.stock {
		s.Stock.Declare(pool)
	}
	for pool := range w.held {
		s.Held.Declare(pool)
	}
}

// loadHoldings reads, without locks, what belongs to the locked accounts.
func (l *loader) loadHoldings(ctx context.Context, steps []domain.Step) error {
	w := wantedBy(steps)
	w.declare(l.state)
	if err := l.loadByID(ctx, w); err != nil {
		return err
	}
	if err := l.loadOpen(ctx, w.stock, l.queueOpenLots); err != nil {
		return err
	}
	if err := l.loadOpen(ctx, w.held, l.queueOpenLicenses); err != nil {
		return err
	}
	if err := l.loadNeeded(ctx); err != nil {
		return err
	}
	return l.loadNeededContracts(ctx)
}

func (l *loader) loadByID(ctx context.Context, w wanted) error {
	s, batch := l.state, &pgx.Batch{}
	late := false // created by a rival since the owners were looked up: its account is not locked
	known := func(table, id string) { late = late || !l.owned[table+" "+id] }
	queueSome(batch, loadOrders, w.orders, func(o domain.Order) { known("order", string(o.OrderID)); s.Orders.Load(o.OrderID, o) })
	queueSome(batch, loadLots, w.lots, s.Stock.Load)
	queueSome(batch, loadLicenses, w.licenses, func(x domain.License) { known("license", string(x.License)); s.Held.Load(x) })
	queueSome(batch, loadDeployments, w.deployments, func(x domain.Deployment) { known("deployment", string(x.Deployment)); s.LoadDeployment(x) })
	queueSome(batch, loadSubscriptions, w.subscriptions, func(x domain.Subscription) { known("subscription", string(x.Subscription)); s.Seats.Load(x) })
	queueSome(batch, loadLearners, w.learners, func(x domain.Learner) { s.Learners.Load(x.Key(), x) })
	queueSome(batch, loadAllocated, w.allocated, s.LoadAllocation)
	type deployed struct {
		License domain.LicenseID
		domain.Deployment
	}
	queueSome(batch, loadDeployed, w.deployed, func(d deployed) { s.LoadDeployed(d.License, d.Deployment) })
	if len(w.seats) > 0 {
		var contracts, accounts []string
		for pool := range w.seats {
			contracts, accounts = append(contracts, string(pool.Contract)), append(accounts, string(pool.Account))
		}
		queue(batch, loadSubscriptionsOf, s.Seats.Load, contracts, accounts)
	}
	if len(w.inUse) > 0 {
		var accounts, products, learners []string
		for pool := range w.inUse {
			accounts, products, learners = append(accounts, string(pool.Account)), append(products, string(pool.Product)), append(learners, string(pool.Learner))
		}
		queue(batch, loadInUse, s.LoadAllocation, accounts, products, learners)
	}
	err := l.send(ctx, batch)
	if err == nil && late {
		err = errRival
	}
	return err
}

func (l *loader) send(ctx context.Context, batch *pgx.Batch) error {
	if batch.Len() == 0 {
		return nil
	}
	return l.tx.SendBatch(ctx, batch).Close()
}

// coverage is how far the pages read so far reach.
type coverage struct {
	rows    map[domain.Pool]int
	covered map[domain.Pool]int64
}

// loadOpen reads the open rows of each pool, earliest expiry first, until they
// cover what the batch may take, or end. The longer the pages have to be, the
// longer they get.
func (l *loader) loadOpen(ctx context.Context, need map[domain.Pool]int64, page func(*pgx.Batch, coverage, []string, []string, int)) error {
	maps.DeleteFunc(need, func(_ domain.Pool, quantity int64) bool { return quantity == 0 }) // more comes in, nothing is taken
	for limit := 64; len(need) > 0; limit *= 8 {
		c := coverage{rows: map[domain.Pool]int{}, covered: map[domain.Pool]int64{}}
		var accounts, products []string
		for _, pool := range slices.SortedFunc(maps.Keys(need), comparePools) {
			accounts, products = append(accounts, string(pool.Account)), append(products, string(pool.Product))
		}
		batch := &pgx.Batch{}
		page(batch, c, accounts, products, limit)
		if err := l.send(ctx, batch); err != nil {
			return err
		}
		for pool, quantity := range need {
			if c.rows[pool] < limit || c.covered[pool] >= quantity {
				delete(need, pool)
			}
		}
	}
	return nil
}

func (l *loader) queueOpenLots(batch *pgx.Batch, c coverage, accounts, products []string, limit int) {
	queue(batch, loadOpenLots, func(lot domain.Lot) {
		c.count(l.state, lot.Account, lot.Product, lot.ExpiresOn, lot.Remaining)
		l.state.Stock.Load(lot)
	}, accounts, products, limit)
}

func (l *loader) queueOpenLicenses(batch *pgx.Batch, c coverage, accounts, products []string, limit int) {
	queue(batch, loadOpenLicenses, func(x domain.License) {
		c.count(l.state, x.Account, x.Product, x.ExpiresOn, x.Available())
		l.state.Held.Load(x)
	}, accounts, products, limit)
}

// count counts a row only as far as it cannot have expired in any zone.
func (c coverage) count(s *domain.State, a domain.AccountID, p domain.ProductID, expiresOn domain.Date, n int64) {
	pool := domain.Pool{Account: a, Product: p}
	c.rows[pool]++
	if expiresOn > domain.DateIn(s.Clock.Now, domain.ZoneFarthestAhead) {
		c.covered[pool] += n
	}
}

func comparePools(a, b domain.Pool) int {
	if a.Account != b.Account {
		return strings.Compare(string(a.Account), string(b.Account))
	}
	return strings.Compare(string(a.Product), string(b.Product))
}

// loadNeeded reads the licenses that loaded allocations and deployments use.
func (l *loader) loadNeeded(ctx context.Context) error {
	licenses := set[domain.LicenseID]{}
	licenses.add(l.state.NeededLicenses()...)
	declare(l.state.Licenses, licenses)
	batch := &pgx.Batch{}
	queueSome(batch, loadLicenses, licenses, l.state.Held.Load)
	return l.send(ctx, batch)
}

// loadNeededContracts reads the contracts under which loaded holdings were
// bought: their zones date what is taken from them.
func (l *loader) loadNeededContracts(ctx context.Context) error {
	missing := set[domain.ContractID]{}
	for _, contract := range l.state.NeededContracts() {
		if !l.contracts[contract] {
			missing.add(contract)
		}
	}
	declare(l.state.Contracts, missing)
	batch := &pgx.Batch{}
	queueSome(batch, loadContracts, missing, func(c domain.Contract) { l.state.Contracts.Load(c.Contract, c) })
	return l.send(ctx, batch)
}

// queueSome adds a query by key, unless there is no key.
func queueSome[K ~string, R any](batch *pgx.Batch, sql string, keys set[K], take func(R)) {
	if len(keys) > 0 {
		queue(batch, sql, take, keys.sorted())
	}
}
