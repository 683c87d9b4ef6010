package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

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
	loadSealed    = sqlText("load_sealed")

	loadSources         = sqlText("load_sources")
	loadTaxes           = sqlText("load_taxes")
	loadContractsOf     = sqlText("load_contracts_of")
	loadLearners        = sqlText("load_learners")
	loadOrders          = sqlText("load_orders")
	loadLots            = sqlText("load_lots")
	loadOpenLots        = sqlText("load_open_lots")
	loadLicenses        = sqlText("load_licenses")
	loadOpenLicenses    = sqlText("load_open_licenses")
	loadDeployments     = sqlText("load_deployments")
	loadDeployed        = sqlText("load_deployed")
	loadAllocated       = sqlText("load_allocated")
	loadInUse           = sqlText("load_in_use")
	loadSubscriptions   = sqlText("load_subscriptions")
	loadSubscriptionsOf = sqlText("load_subscriptions_of")
)

// loader brings what a batch needs into its state. The catalog is held still by
// the gate; everything else belongs to accounts, which are locked in one
// statement before anything below them is read in later ones.
type loader struct {
	tx    pgx.Tx
	state *domain.State
	class domain.Class
	// readOnly is for previews: one snapshot instead of locks and numbers.
	readOnly bool

	// due is what a batch of the schedule is about.
	due []domain.Due

	contracts set[domain.ContractID]
	products  set[domain.ProductID]
	accounts  set[domain.AccountID]
	path      set[domain.AccountID] // accounts and all above them
	owned     map[string]bool       // table and id of what was there before anything was locked
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
	l.products = set[domain.ProductID]{}
	l.contracts, l.accounts, l.path, l.owned = set[domain.ContractID]{}, set[domain.AccountID]{}, set[domain.AccountID]{}, map[string]bool{}
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
// where what they name by id alone belongs.
func (l *loader) loadNamed(ctx context.Context, steps []domain.Step) error {
	users, sellers := set[domain.UserID]{}, set[domain.SellerID]{}
	sources := set[string]{}
	for _, step := range steps {
		sources.add(step.Envelope.Source)
		users.add(step.Envelope.Actor)
		users.add(step.Names.Users...)
		l.products.add(step.Names.Products...)
		sellers.add(step.Names.Sellers...)
		l.contracts.add(step.Names.Contracts...)
		l.accounts.add(step.Names.Accounts...)
		l.accounts.add(step.Envelope.OnBehalfOf)
	}
	if err := l.loadOwners(ctx, steps); err != nil {
		return err
	}
	s := l.state
	batch := &pgx.Batch{}
	if l.class == domain.Catalog { // what a seller or reseller is tied to
		queue(batch, loadContractsOf, func(c domain.Contract) { l.takeContract(c); sellers.add(c.Seller) }, sellers.sorted(), l.accounts.sorted())
		if err := l.tx.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		batch = &pgx.Batch{}
		queue(batch, loadTaxes, func(t domain.Tax) { s.Taxes.Load(t.Key(), t) })
	}
	if l.class != domain.Scheduled {
		queue(batch, loadSources, s.LoadSource, sources.sorted())
	}
	declare(s.Users, users)
	declare(s.Sellers, sellers)
	declare(s.Products, l.products)
	declare(s.Contracts, l.contracts)
	queue(batch, loadUsers, func(u domain.User) { s.Users.Load(u.UserID, u); l.accounts.add(u.Account) }, users.sorted())
	queue(batch, loadProducts, func(p domain.Product) { s.Products.Load(p.Product, p) }, l.products.sorted())
	queue(batch, loadSellers, func(x domain.Seller) { s.Sellers.Load(x.Seller, x) }, sellers.sorted())
	queue(batch, loadContracts, l.takeContract, l.contracts.sorted())
	return l.tx.SendBatch(ctx, batch).Close()
}

func (l *loader) takeContract(c domain.Contract) {
	l.state.Contracts.Load(c.Contract, c)
	l.accounts.add(c.Reseller)
}

// loadOwners reads columns that never change, before anything is locked. Of what
// is due they are known.
func (l *loader) loadOwners(ctx context.Context, steps []domain.Step) error {
	for _, d := range l.due {
		l.takeOwner(d.SourceTable, d.ID, d.Owner)
	}
	if l.class == domain.Scheduled {
		return nil
	}
	orders, licenses, lots := set[domain.OrderID]{}, set[domain.LicenseID]{}, set[domain.LotID]{}
	deployments, subscriptions := set[domain.DeploymentID]{}, set[domain.SubscriptionID]{}
	for _, step := range steps {
		orders.add(step.Names.Orders...)
		licenses.add(step.Names.Licenses...)
		lots.add(step.Names.Lots...)
		deployments.add(step.Names.Deployments...)
		subscriptions.add(step.Names.Subscriptions...)
	}
	if len(orders)+len(licenses)+len(lots)+len(deployments)+len(subscriptions) == 0 {
		return nil
	}
	type owner struct {
		SourceTable string
		ID          string
		domain.Owner
	}
	batch := &pgx.Batch{}
	queue(batch, loadOwners, func(o owner) { l.takeOwner(o.SourceTable, o.ID, o.Owner) }, orders.sorted(), licenses.sorted(), deployments.sorted(), subscriptions.sorted(), lots.sorted())
	return l.tx.SendBatch(ctx, batch).Close()
}

func (l *loader) takeOwner(table, id string, o domain.Owner) {
	l.state.LoadOwner(table, id, o)
	l.owned[table+" "+id] = true
	l.owned["subscription "+string(o.Subscription)] = true // of an order: of the same account
	l.accounts.add(o.Account, o.Second)
	l.contracts.add(o.Contract)
	l.products.add(o.Product)
}

// loadAccounts reads the accounts that matter and all above them; for the catalog also what keeps an account from changing.
func (l *loader) loadAccounts(ctx context.Context) error {
	s := l.state
	declare(s.Accounts, l.accounts)
	named := l.accounts.sorted()
	batch := &pgx.Batch{}
	queue(batch, loadAccounts, func(a domain.Account) { s.Accounts.Load(a.Account, a); l.path.add(a.Account) }, named)
	if l.class == domain.Catalog {
		type usage struct {
			Account domain.AccountID
			domain.Usage
		}
		queue(batch, loadUsage, func(u usage) { s.LoadUsage(u.Account, u.Usage) }, named)
	}
	return l.tx.SendBatch(ctx, batch).Close()
}

// readKeys asks each command what it locks and reads. Rows that an earlier
// command of the batch will create are found through what it said it creates.
func (l *loader) readKeys(steps []domain.Step) {
	for _, step := range steps {
		if step.Envelope.Command == nil {
			continue
		}
		step.Envelope.Command.Reads(l.state, step.Envelope, step.Keys)
		l.state.LearnCreated(step.Keys)
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
	if l.class != domain.Catalog && !l.readOnly {
		batch.Queue(lockAccounts, locked.sorted())
	}
	type sealed struct {
		Contract      domain.ContractID
		SealedThrough domain.Date
	}
	queue(batch, loadSealed, func(x sealed) { l.state.LoadSealed(x.Contract, x.SealedThrough) }, l.contracts.sorted())
	queue(batch, loadManagers, l.state.LoadManager, l.path.sorted())
	queue(batch, loadLinks, func(k domain.Link) { l.state.Links.Load(k.Key(), k) }, l.accounts.sorted())
	if l.readOnly {
		return l.tx.SendBatch(ctx, batch).Close()
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

func declare[K ~string, R any](t *domain.Table[K, R], keys set[K]) {
	for k := range keys {
		t.Declare(k)
	}
}

// queue adds a query whose rows are taken one by one.
func queue[R any](batch *pgx.Batch, sql string, take func(R), args ...any) {
	batch.Queue(sql, args...).Query(func(rows pgx.Rows) error { return forEach(rows, take) })
}
