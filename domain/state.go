package domain

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"time"
)

// Table holds loaded rows and their after-images. Reading a key that Reads did
// not declare panics: the row would be unlocked.
type Table[K ~string, R any] struct {
	name     string
	rows     map[K]R
	declared map[K]bool
	changed  map[K]bool
	undo     *[]func()
}

func newTable[K ~string, R any](name string, undo *[]func()) *Table[K, R] {
	return &Table[K, R]{name: name, rows: map[K]R{}, declared: map[K]bool{}, changed: map[K]bool{}, undo: undo}
}

// Declare says that the row of a key was looked for, found or not.
func (t *Table[K, R]) Declare(keys ...K) {
	for _, k := range keys {
		t.declared[k] = true
	}
}

// Load takes a row as it is stored.
func (t *Table[K, R]) Load(k K, row R) {
	t.declared[k] = true
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
	*t.undo = append(*t.undo, func() {
		if existed {
			t.rows[k] = before
		} else {
			delete(t.rows, k)
		}
		t.changed[k] = wasChanged
	})
	t.declared[k], t.changed[k] = true, true
	t.rows[k] = row
}

// Changed returns the after-images in key order, to be saved in one fixed order.
func (t *Table[K, R]) Changed() []R {
	var keys []K
	for k, changed := range t.changed {
		if changed {
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

// Pool is the holdings of one product in one account.
type Pool struct {
	Account AccountID
	Product ProductID
}

// TaxKey names a VAT rate, LinkKey a link.
type (
	TaxKey  string
	LinkKey string
)

// Key names the rate.
func (t Tax) Key() TaxKey {
	return TaxKey(fmt.Sprintf("%s %s %s", t.Country, t.Category, t.FromOn))
}

// Key names the link.
func (l Link) Key() LinkKey { return LinkKey(string(l.Account) + " " + string(l.Source)) }

// State is what one batch has loaded, and what it has decided so far.
type State struct {
	Sellers   *Table[SellerID, Seller]
	Taxes     *Table[TaxKey, Tax]
	Products  *Table[ProductID, Product]
	Accounts  *Table[AccountID, Account]
	Users     *Table[UserID, User]
	Contracts *Table[ContractID, Contract]
	Links     *Table[LinkKey, Link]

	Lots     *Table[LotID, Lot]
	Licenses *Table[LicenseID, License]
	Orders   *Table[OrderID, Order]

	openLots map[Pool][]LotID // declared ranges, in the order in which stock is drawn
	managers map[AccountID][]User
	usage    map[AccountID]Usage
	owners   map[string]Owner

	Clock Clock

	Facts
	undo []func()
}

// Facts are rows that are only ever appended.
type Facts struct {
	Movements []Movement
	Charges   []Charge
	History   []HistoryEntry
	Mail      []Mail
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
	Account  AccountID
	Contract ContractID
	Product  ProductID
	Quantity int64
}

// NewState returns an empty state.
func NewState() *State {
	s := &State{
		openLots: map[Pool][]LotID{}, managers: map[AccountID][]User{},
		usage: map[AccountID]Usage{}, owners: map[string]Owner{},
	}
	s.Sellers = newTable[SellerID, Seller]("seller", &s.undo)
	s.Taxes = newTable[TaxKey, Tax]("tax", &s.undo)
	s.Products = newTable[ProductID, Product]("product", &s.undo)
	s.Accounts = newTable[AccountID, Account]("account", &s.undo)
	s.Users = newTable[UserID, User]("user", &s.undo)
	s.Contracts = newTable[ContractID, Contract]("contract", &s.undo)
	s.Links = newTable[LinkKey, Link]("link", &s.undo)
	s.Lots = newTable[LotID, Lot]("lot", &s.undo)
	s.Licenses = newTable[LicenseID, License]("license", &s.undo)
	s.Orders = newTable[OrderID, Order]("order", &s.undo)
	return s
}

// LoadManagers takes the users of an account who hold the role manager, sorted by id.
func (s *State) LoadManagers(account AccountID, users []User) { s.managers[account] = users }

// LoadUsage takes what keeps an account from changing.
func (s *State) LoadUsage(account AccountID, u Usage) { s.usage[account] = u }

// LoadOwner takes where the order, license, subscription or deployment of an id belongs.
func (s *State) LoadOwner(id string, o Owner) { s.owners[id] = o }

// DeclareOpenLots says that the open lots of a pool are loaded as far as the batch may need them.
func (s *State) DeclareOpenLots(p Pool) {
	if _, ok := s.openLots[p]; !ok {
		s.openLots[p] = []LotID{}
	}
}

// LoadLot takes a stored lot.
func (s *State) LoadLot(l Lot) {
	if _, loaded := s.Lots.rows[l.Lot]; loaded {
		return
	}
	s.Lots.Load(l.Lot, l)
	s.intoPool(l)
}

// LotContracts lists the contracts of the loaded lots.
func (s *State) LotContracts() []ContractID {
	contracts := map[ContractID]bool{}
	for _, l := range s.Lots.rows {
		contracts[l.Contract] = true
	}
	return slices.Collect(maps.Keys(contracts))
}

func (s *State) intoPool(l Lot) {
	pool := Pool{l.Account, l.Product}
	ids, declared := s.openLots[pool]
	if !declared || l.Remaining == 0 || l.Expired {
		return
	}
	at := sort.Search(len(ids), func(i int) bool { return drawnBefore(l, s.Lots.rows[ids[i]]) })
	ids = append(ids, "")
	copy(ids[at+1:], ids[at:])
	ids[at] = l.Lot
	s.openLots[pool] = ids
}

// drawnBefore orders stock: earliest expiry first, then the older lot (rule 12).
func drawnBefore(a, b Lot) bool {
	switch {
	case a.ExpiresOn != b.ExpiresOn:
		return a.ExpiresOn < b.ExpiresOn
	case a.PurchasedOn != b.PurchasedOn:
		return a.PurchasedOn < b.PurchasedOn
	case a.No != b.No:
		return a.No < b.No
	}
	return a.Lot < b.Lot
}

// lotsOf returns the lots of a pool that hold anything, in the order in which they are drawn.
func (s *State) lotsOf(p Pool) []Lot {
	ids, declared := s.openLots[p]
	if !declared {
		panic(fmt.Sprintf("the stock of %v is read without having been declared", p))
	}
	lots := make([]Lot, 0, len(ids))
	for _, id := range ids {
		if l, ok := s.Lots.rows[id]; ok && l.Remaining > 0 {
			lots = append(lots, l)
		}
	}
	return lots
}

func (s *State) rollback(facts Facts) {
	for i := len(s.undo) - 1; i >= 0; i-- {
		s.undo[i]()
	}
	s.undo, s.Facts = s.undo[:0], facts
}

// Keys is what one command locks and reads.
type Keys struct {
	Accounts []AccountID // locked, in id order
	Orders   []OrderID
	Lots     []LotID
	Licenses []LicenseID
	Stock    map[Pool]int64 // open lots, at least this many licenses of them
	Created  map[string]Owner
}

// Account locks an account without reading its rows.
func (k *Keys) Account(a AccountID) { k.Accounts = append(k.Accounts, a) }

// Order reads an order of a locked account.
func (k *Keys) Order(id OrderID) { k.Orders = append(k.Orders, id) }

// Lot reads a lot.
func (k *Keys) Lot(id LotID) { k.Lots = append(k.Lots, id) }

// OpenLots locks an account and reads its stock of a product, as much as the quantity needs.
func (k *Keys) OpenLots(a AccountID, p ProductID, quantity Quantity) {
	k.Account(a)
	if k.Stock == nil {
		k.Stock = map[Pool]int64{}
	}
	k.Stock[Pool{a, p}] += int64(quantity)
}

// Creates says what the command will create, for later commands of the same
// batch that name it: the store cannot find it yet.
func (k *Keys) Creates(id string, o Owner) {
	if k.Created == nil {
		k.Created = map[string]Owner{}
	}
	k.Created[id] = o
}
