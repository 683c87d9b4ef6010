package domain

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Table holds loaded rows and their after-images. Reading a key that Reads did
// not declare panics: the row would be unlocked.
type Table[K ~string, R any] struct {
	name     string
	rows     map[K]R
	stored   map[K]bool // as loaded
	declared map[K]bool
	changed  map[K]bool
	log      *changeLog
}

// changeLog is what one command has done: how to take it back, and the facts it relied on.
type changeLog struct {
	undo   []func()
	relied []string
}

func newTable[K ~string, R any](name string, log *changeLog) *Table[K, R] {
	return &Table[K, R]{name: name, rows: map[K]R{}, stored: map[K]bool{}, declared: map[K]bool{}, changed: map[K]bool{}, log: log}
}

// Declare says that the row of a key was looked for, found or not.
func (t *Table[K, R]) Declare(keys ...K) {
	for _, k := range keys {
		t.declared[k] = true
	}
}

// Load takes a row as it is stored.
func (t *Table[K, R]) Load(k K, row R) {
	t.declared[k], t.stored[k] = true, true
	t.rows[k] = row
}

// Get returns a row and whether it exists.
func (t *Table[K, R]) Get(k K) (R, bool) {
	if !t.declared[k] {
		panic(fmt.Sprintf("%s %v is read without having been declared", t.name, k))
	}
	row, ok := t.rows[k]
	return row, ok
}

// put stores an after-image; the command's rejection takes it back.
func (t *Table[K, R]) put(k K, row R) {
	before, existed := t.rows[k]
	wasChanged := t.changed[k]
	t.log.undo = append(t.log.undo, func() {
		if existed {
			t.rows[k] = before
		} else {
			delete(t.rows, k)
		}
		t.changed[k] = wasChanged
	})
	if fact, ok := any(before).(interface{ fact() string }); ok && existed {
		t.log.relied = append(t.log.relied, fact.fact())
	}
	t.declared[k], t.changed[k] = true, true
	t.rows[k] = row
}

// Changed returns the after-images in key order, to be saved in one fixed order.
func (t *Table[K, R]) Changed() []R {
	return t.images(func(K) bool { return true })
}

// Created returns the after-images of rows that were not stored, Updated those
// of rows that were: an id chosen by upstream must not overwrite a rival's.
func (t *Table[K, R]) Created() []R { return t.images(func(k K) bool { return !t.stored[k] }) }

// Updated returns what Created leaves.
func (t *Table[K, R]) Updated() []R { return t.images(func(k K) bool { return t.stored[k] }) }

func (t *Table[K, R]) images(wanted func(K) bool) []R {
	var keys []K
	for k, changed := range t.changed {
		if changed && wanted(k) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	rows := make([]R, len(keys))
	for i, k := range keys {
		rows[i] = t.rows[k]
	}
	return rows
}

// State is what one batch has loaded, and what it has decided so far.
type State struct {
	Sellers   *Table[SellerID, Seller]
	Taxes     *Table[TaxKey, Tax]
	Products  *Table[ProductID, Product]
	Accounts  *Table[AccountID, Account]
	Users     *Table[UserID, User]
	Contracts *Table[ContractID, Contract]
	Learners  *Table[LearnerKey, Learner]
	Links     *Table[LinkKey, Link]

	Lots          *Table[LotID, Lot]
	Licenses      *Table[LicenseID, License]
	Orders        *Table[OrderID, Order]
	Deployments   *Table[DeploymentID, Deployment]
	Allocations   *Table[AllocationID, Allocation]
	Subscriptions *Table[SubscriptionID, Subscription]

	Stock     *Group[Pool, LotID, Lot]                       // in the order in which it is drawn
	Held      *Group[Pool, LicenseID, License]               // in the order in which they are taken
	Seats     *Group[SeatPool, SubscriptionID, Subscription] // running
	Allocated *Group[LicenseID, AllocationID, Allocation]    // live
	InUse     *Group[LearnerPool, AllocationID, Allocation]  // live, one at most

	managers map[AccountID][]User
	usage    map[AccountID]Usage
	owners   map[string]Owner
	sources  map[string]Source            // those with limits
	sealed   map[ContractID]Date          // last day of the last closed month
	deployed map[LicenseID][]DeploymentID // active deployments that hold a license, before the batch

	Clock Clock

	Facts
	log *changeLog
}

// Facts are rows that are only ever appended.
type Facts struct {
	Movements   []Movement
	SeatChanges []SeatChange
	Charges     []Charge
	History     []HistoryEntry
	Mail        []Mail
	// ContractEnds say anew when the flexible subscriptions under a contract end.
	ContractEnds []ContractEnd
	// Openings say when the months of a contract close, from the first on.
	Openings       []BillingOpening
	ContractPrices []ContractPrices
	TermPrices     []TermPrice
	Erasures       []LearnerKey // learners whose names leave the journal too
}

// ContractEnd is when what runs under a contract ends by itself; nil: not known.
type ContractEnd struct {
	Contract ContractID
	DueAt    *time.Time
}

// BillingOpening is a contract that is to be invoiced month by month.
type BillingOpening struct {
	Contract    ContractID
	Seller      SellerID
	NextCloseAt time.Time
	At          time.Time
}

// ContractPrices are the prices of a contract from an instant on.
type ContractPrices struct {
	Contract ContractID
	At       time.Time
	No       int64
	Products []ContractProduct
}

// TermPrice is the price that an annual subscription keeps for a term.
type TermPrice struct {
	Subscription SubscriptionID
	StartsAt     time.Time
	No           int64
	UnitPrice    Price
}

// Clock is business time as the batch found it after the gate.
type Clock struct {
	Now    time.Time
	Test   bool
	Unused bool // the journal holds no command but clock.advance
	Set    bool // the batch has moved it
}

// Usage says what an account has that keeps its parent and kind from changing (rule 6).
type Usage struct {
	Children, Contracts, RequestedOrders, RunningSubscriptions bool
}

// Owner is where a row belongs: columns that never change, known before any lock.
type Owner struct {
	Account      AccountID
	Contract     ContractID
	Product      ProductID
	Subscription SubscriptionID
	Quantity     int64
	Second       AccountID // of a deployment: who created it
}

// NewState returns an empty state.
func NewState() *State {
	log := &changeLog{}
	s := &State{
		managers: map[AccountID][]User{}, usage: map[AccountID]Usage{}, owners: map[string]Owner{},
		deployed: map[LicenseID][]DeploymentID{}, sealed: map[ContractID]Date{}, sources: map[string]Source{}, log: log,
	}
	s.Sellers = newTable[SellerID, Seller]("seller", log)
	s.Taxes = newTable[TaxKey, Tax]("tax", log)
	s.Products = newTable[ProductID, Product]("product", log)
	s.Accounts = newTable[AccountID, Account]("account", log)
	s.Users = newTable[UserID, User]("user", log)
	s.Contracts = newTable[ContractID, Contract]("contract", log)
	s.Learners = newTable[LearnerKey, Learner]("learner", log)
	s.Links = newTable[LinkKey, Link]("link", log)
	s.Lots = newTable[LotID, Lot]("lot", log)
	s.Licenses = newTable[LicenseID, License]("license", log)
	s.Orders = newTable[OrderID, Order]("order", log)
	s.Deployments = newTable[DeploymentID, Deployment]("deployment", log)
	s.Allocations = newTable[AllocationID, Allocation]("allocation", log)
	s.Subscriptions = newTable[SubscriptionID, Subscription]("subscription", log)
	s.group()
	return s
}

func (s *State) group() {
	s.Stock = &Group[Pool, LotID, Lot]{
		name: "the stock", table: s.Lots, ids: map[Pool][]LotID{}, before: drawnBefore,
		of:      func(l Lot) Pool { return Pool{l.Account, l.Product} },
		open:    func(l Lot) bool { return l.Remaining > 0 && !l.Expired },
		keyedBy: func(l Lot) LotID { return l.Lot },
	}
	s.Held = &Group[Pool, LicenseID, License]{
		name: "the licenses", table: s.Licenses, ids: map[Pool][]LicenseID{}, before: takenBefore,
		of:      func(l License) Pool { return Pool{l.Account, l.Product} },
		open:    func(l License) bool { return l.Quantity > 0 && !l.Expired },
		keyedBy: func(l License) LicenseID { return l.License },
	}
	s.Seats = &Group[SeatPool, SubscriptionID, Subscription]{
		name: "the subscriptions", table: s.Subscriptions, ids: map[SeatPool][]SubscriptionID{},
		of:      func(x Subscription) SeatPool { return SeatPool{x.Contract, x.Account} },
		open:    func(x Subscription) bool { return x.State == SubscriptionRunning },
		before:  func(a, b Subscription) bool { return a.Subscription < b.Subscription },
		keyedBy: func(x Subscription) SubscriptionID { return x.Subscription },
	}
	live := func(a Allocation) bool { return a.EndedOn == 0 }
	older := func(a, b Allocation) bool { return a.No < b.No || a.No == b.No && a.Allocation < b.Allocation }
	key := func(a Allocation) AllocationID { return a.Allocation }
	s.Allocated = &Group[LicenseID, AllocationID, Allocation]{
		name: "the allocations", table: s.Allocations, ids: map[LicenseID][]AllocationID{}, open: live, before: older, keyedBy: key,
		of: func(a Allocation) LicenseID { return a.License },
	}
	s.InUse = &Group[LearnerPool, AllocationID, Allocation]{
		name: "the allocation", table: s.Allocations, ids: map[LearnerPool][]AllocationID{}, open: live, before: older, keyedBy: key,
		of: func(a Allocation) LearnerPool { return LearnerPool{a.Account, a.Product, a.Learner} },
	}
}

// LoadManager takes a user who holds the role manager; those of an account come sorted by id.
func (s *State) LoadManager(u User) { s.managers[u.Account] = append(s.managers[u.Account], u) }

// LoadUsage takes what keeps an account from changing.
func (s *State) LoadUsage(account AccountID, u Usage) { s.usage[account] = u }

// LoadOwner takes where the row of an id belongs. Ids of different tables may be
// the same, so the table is part of the key.
func (s *State) LoadOwner(table, id string, o Owner) { s.owners[table+" "+id] = o }

// LoadSealed takes the last day of the last closed month of a contract.
func (s *State) LoadSealed(c ContractID, through Date) { s.sealed[c] = through }

// LoadAllocation takes a stored allocation.
func (s *State) LoadAllocation(a Allocation) {
	if _, loaded := s.Allocations.rows[a.Allocation]; loaded {
		return
	}
	s.Allocations.Load(a.Allocation, a)
	s.Allocated.insert(a)
	s.InUse.insert(a)
}

// LoadDeployed takes an active deployment as one that holds a license.
func (s *State) LoadDeployed(license LicenseID, d Deployment) {
	s.LoadDeployment(d)
	s.deployed[license] = append(s.deployed[license], d.Deployment)
}

// LoadDeployment takes a stored deployment.
func (s *State) LoadDeployment(d Deployment) {
	if _, loaded := s.Deployments.rows[d.Deployment]; !loaded {
		s.Deployments.Load(d.Deployment, d)
	}
}

// NeededContracts lists the contracts that loaded holdings were bought under:
// their zones date what is taken from them.
func (s *State) NeededContracts() []ContractID {
	contracts := map[ContractID]bool{}
	for _, l := range s.Lots.rows {
		contracts[l.Contract] = true
	}
	for _, l := range s.Licenses.rows {
		contracts[l.Contract] = true
	}
	return slices.Collect(maps.Keys(contracts))
}

// NeededLicenses lists the licenses that loaded allocations and deployments use.
func (s *State) NeededLicenses() []LicenseID {
	licenses := map[LicenseID]bool{}
	for _, a := range s.Allocations.rows {
		licenses[a.License] = true
	}
	for _, d := range s.Deployments.rows {
		for _, item := range d.Items {
			licenses[item.License] = true
		}
	}
	for id := range licenses {
		if s.Licenses.declared[id] {
			delete(licenses, id)
		}
	}
	return slices.Collect(maps.Keys(licenses))
}

func (s *State) rollback(facts Facts) {
	for i := len(s.log.undo) - 1; i >= 0; i-- {
		s.log.undo[i]()
	}
	s.log.undo, s.Facts = s.log.undo[:0], facts
}
