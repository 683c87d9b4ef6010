package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	loadOwners    = sqlText("load_owners")
	loadUsers     = sqlText("load_users")
	loadProducts  = sqlText("load_products")
	loadSellers   = sqlText("load_sellers")
	loadContracts = sqlText("load_contracts")
	loadAccounts  = sqlText("load_accounts")
	loadManagers  = sqlText("load_managers")
	loadLinks     = sqlText("load_links")
	loadUsage     = sqlText("load_usage")
	lockAccounts  = sqlText("lock_accounts")
	loadNumbers   = sqlText("load_numbers")
	loadOrders    = sqlText("load_orders")
	loadLots      = sqlText("load_lots")
	loadOpenLots  = sqlText("load_open_lots")
)

// zoneFarthestAhead is where a day begins first.
var zoneFarthestAhead = time.FixedZone("UTC+14", 14*60*60)

// loader brings what a batch needs into its state. The catalog is held still by
// the gate; everything else belongs to accounts, which are locked in one
// statement before anything below them is read in later ones.
type loader struct {
	tx    pgx.Tx
	state *domain.State
	class domain.Class

	contracts set[domain.ContractID]
	accounts  set[domain.AccountID]
}

type set[K ~string] map[K]bool

func (s set[K]) add(keys ...K) {
	for _, k := range keys {
		if k != "" {
			s[k] = true
		}
	}
}

// sorted lists the keys as Postgres takes them.
func (s set[K]) sorted() []string {
	keys := make([]string, 0, len(s))
	for _, k := range slices.Sorted(maps.Keys(s)) {
		keys = append(keys, string(k))
	}
	return keys
}

func (l *loader) load(ctx context.Context, steps []domain.Step) error {
	l.contracts, l.accounts = set[domain.ContractID]{}, set[domain.AccountID]{}
	for i := range steps {
		steps[i].Keys = &domain.Keys{}
		if steps[i].Envelope.Command != nil {
			steps[i].Names = domain.NamesIn(steps[i].Envelope.Command)
		}
	}
	if err := l.loadNamed(ctx, steps); err != nil {
		return fmt.Errorf("loading what %d commands name: %w", len(steps), err)
	}
	if err := l.loadAccounts(ctx); err != nil {
		return fmt.Errorf("loading the accounts of %d commands: %w", len(steps), err)
	}
	l.readKeys(steps)
	if err := l.lockAccounts(ctx, steps); err != nil {
		return fmt.Errorf("locking the accounts of %d commands: %w", len(steps), err)
	}
	if err := l.loadHoldings(ctx, steps); err != nil {
		return fmt.Errorf("loading the holdings of %d commands: %w", len(steps), err)
	}
	return nil
}

// loadNamed reads the rows of the catalog that commands name, and finds out
// where the orders they name belong.
func (l *loader) loadNamed(ctx context.Context, steps []domain.Step) error {
	users, products, sellers, owned := set[domain.UserID]{}, set[domain.ProductID]{}, set[domain.SellerID]{}, set[domain.OrderID]{}
	for _, step := range steps {
		users.add(step.Envelope.Actor)
		users.add(step.Names.Users...)
		products.add(step.Names.Products...)
		sellers.add(step.Names.Sellers...)
		owned.add(step.Names.Orders...)
		l.contracts.add(step.Names.Contracts...)
		l.accounts.add(step.Names.Accounts...)
		l.accounts.add(step.Envelope.OnBehalfOf)
	}
	s := l.state
	declare(s.Users, users)
	declare(s.Sellers, sellers)
	if len(owned) > 0 {
		if err := l.loadOwners(ctx, owned, products); err != nil {
			return err
		}
	}
	declare(s.Products, products)
	declare(s.Contracts, l.contracts)
	batch := &pgx.Batch{}
	queue(batch, loadUsers, func(u domain.User) { s.Users.Load(u.UserID, u); l.accounts.add(u.Account) }, users.sorted())
	queue(batch, loadProducts, func(p domain.Product) { s.Products.Load(p.Product, p) }, products.sorted())
	queue(batch, loadSellers, func(x domain.Seller) { s.Sellers.Load(x.Seller, x) }, sellers.sorted())
	queue(batch, loadContracts, l.takeContract, l.contracts.sorted())
	return l.tx.SendBatch(ctx, batch).Close()
}

func (l *loader) takeContract(c domain.Contract) {
	l.state.Contracts.Load(c.Contract, c)
	l.accounts.add(c.Reseller)
}

// loadOwners reads columns that never change, before anything is locked.
func (l *loader) loadOwners(ctx context.Context, owned set[domain.OrderID], products set[domain.ProductID]) error {
	type owner struct {
		ID string
		domain.Owner
	}
	batch := &pgx.Batch{}
	queue(batch, loadOwners, func(o owner) {
		l.state.LoadOwner(o.ID, o.Owner)
		l.accounts.add(o.Account)
		l.contracts.add(o.Contract)
		products.add(o.Product)
	}, owned.sorted())
	return l.tx.SendBatch(ctx, batch).Close()
}

// loadAccounts reads the accounts that matter and all above them, their
// managers and links; for the catalog also what keeps an account from changing.
func (l *loader) loadAccounts(ctx context.Context) error {
	s := l.state
	declare(s.Accounts, l.accounts)
	named := l.accounts.sorted()
	batch := &pgx.Batch{}
	queue(batch, loadAccounts, func(a domain.Account) { s.Accounts.Load(a.Account, a) }, named)
	managers := map[domain.AccountID][]domain.User{}
	queue(batch, loadManagers, func(u domain.User) { managers[u.Account] = append(managers[u.Account], u) }, named)
	queue(batch, loadLinks, func(k domain.Link) { s.Links.Load(k.Key(), k) }, named)
	if l.class == domain.Catalog {
		type usage struct {
			Account domain.AccountID
			domain.Usage
		}
		queue(batch, loadUsage, func(u usage) { s.LoadUsage(u.Account, u.Usage) }, named)
	}
	if err := l.tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	for account, users := range managers {
		s.LoadManagers(account, users)
	}
	return nil
}

// readKeys asks each command what it locks and reads. Rows that an earlier
// command of the batch will create are found through what it said it creates.
func (l *loader) readKeys(steps []domain.Step) {
	for _, step := range steps {
		if step.Envelope.Command == nil {
			continue
		}
		step.Envelope.Command.Reads(l.state, step.Envelope, step.Keys)
		for id, owner := range step.Keys.Created {
			l.state.LoadOwner(id, owner)
		}
	}
}

// lockAccounts locks in id order, in one statement, and only then takes the
// numbers: their order is the order in which batches can have happened.
func (l *loader) lockAccounts(ctx context.Context, steps []domain.Step) error {
	locked := set[domain.AccountID]{}
	for _, step := range steps {
		locked.add(step.Keys.Accounts...)
	}
	batch := &pgx.Batch{}
	if l.class == domain.Business {
		batch.Queue(lockAccounts, locked.sorted())
	}
	batch.Queue(loadNumbers, len(steps)).Query(func(rows pgx.Rows) error {
		i, no := 0, int64(0)
		_, err := pgx.ForEachRow(rows, []any{&no}, func() error {
			steps[i].No = no
			i++
			return nil
		})
		return err
	})
	return l.tx.SendBatch(ctx, batch).Close()
}

func (l *loader) loadHoldings(ctx context.Context, steps []domain.Step) error {
	s := l.state
	orders, lots, need := set[domain.OrderID]{}, set[domain.LotID]{}, map[domain.Pool]int64{}
	for _, step := range steps {
		orders.add(step.Keys.Orders...)
		lots.add(step.Keys.Lots...)
		for pool, quantity := range step.Keys.Stock {
			need[pool] += quantity
		}
	}
	declare(s.Orders, orders)
	declare(s.Lots, lots)
	for pool := range need {
		s.DeclareOpenLots(pool)
	}
	batch := &pgx.Batch{}
	if len(orders) > 0 {
		queue(batch, loadOrders, func(o domain.Order) { s.Orders.Load(o.OrderID, o) }, orders.sorted())
	}
	if len(lots) > 0 {
		queue(batch, loadLots, s.LoadLot, lots.sorted())
	}
	if err := l.tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	if err := l.loadOpenLots(ctx, need); err != nil {
		return err
	}
	return l.loadLotContracts(ctx)
}

// loadOpenLots reads the stock of each pool, in the order in which it is drawn,
// until it covers what the batch may take, or ends.
func (l *loader) loadOpenLots(ctx context.Context, need map[domain.Pool]int64) error {
	// A lot counts only if it cannot have expired in any zone.
	surely := domain.DateIn(l.state.Clock.Now, zoneFarthestAhead)
	for limit := 64; len(need) > 0; limit *= 8 {
		count, covered := map[domain.Pool]int{}, map[domain.Pool]int64{}
		var accounts, products []string
		for _, pool := range slices.SortedFunc(maps.Keys(need), comparePools) {
			accounts, products = append(accounts, string(pool.Account)), append(products, string(pool.Product))
		}
		batch := &pgx.Batch{}
		queue(batch, loadOpenLots, func(lot domain.Lot) {
			pool := domain.Pool{Account: lot.Account, Product: lot.Product}
			count[pool]++
			if lot.ExpiresOn > surely {
				covered[pool] += lot.Remaining
			}
			l.state.LoadLot(lot)
		}, accounts, products, limit)
		if err := l.tx.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		for pool, quantity := range need {
			if count[pool] < limit || covered[pool] >= quantity {
				delete(need, pool)
			}
		}
	}
	return nil
}

// loadLotContracts reads the contracts under which loaded lots were bought:
// their zones date what is taken from them.
func (l *loader) loadLotContracts(ctx context.Context) error {
	missing := set[domain.ContractID]{}
	for _, contract := range l.state.LotContracts() {
		if !l.contracts[contract] {
			missing.add(contract)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	declare(l.state.Contracts, missing)
	batch := &pgx.Batch{}
	queue(batch, loadContracts, func(c domain.Contract) { l.state.Contracts.Load(c.Contract, c) }, missing.sorted())
	return l.tx.SendBatch(ctx, batch).Close()
}

func comparePools(a, b domain.Pool) int {
	if a.Account != b.Account {
		return strings.Compare(string(a.Account), string(b.Account))
	}
	return strings.Compare(string(a.Product), string(b.Product))
}

func declare[K ~string, R any](t *domain.Table[K, R], keys set[K]) {
	for k := range keys {
		t.Declare(k)
	}
}

// queue adds a query whose rows are taken one by one.
func queue[R any](batch *pgx.Batch, sql string, take func(R), args ...any) {
	batch.Queue(sql, args...).Query(func(rows pgx.Rows) error {
		all, err := pgx.CollectRows(rows, pgx.RowToStructByName[R])
		for _, row := range all {
			take(row)
		}
		return err
	})
}
