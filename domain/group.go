package domain

import (
	"fmt"
	"iter"
	"sort"
)

// Group keeps rows of a table by what they belong to, in a fixed order: the
// stock of a pool, the seats of a customer under a contract. Reading one that
// was not declared panics.
type Group[G comparable, K ~string, R any] struct {
	name    string
	table   *Table[K, R]
	ids     map[G][]K
	of      func(R) G
	open    func(R) bool // rows that are not are passed over
	before  func(a, b R) bool
	keyedBy func(R) K
}

// Declare says that the open rows of a group are loaded as far as the batch may need them.
func (g *Group[G, K, R]) Declare(of G) {
	if _, declared := g.ids[of]; !declared {
		g.ids[of] = []K{}
	}
}

// Load takes a stored row.
func (g *Group[G, K, R]) Load(row R) {
	key := g.keyedBy(row)
	if _, loaded := g.table.rows[key]; loaded {
		return
	}
	g.table.Load(key, row)
	g.insert(row)
}

// insert files a row that is new to the table.
func (g *Group[G, K, R]) insert(row R) {
	of := g.of(row)
	ids, declared := g.ids[of]
	if !declared || !g.open(row) {
		return
	}
	at := sort.Search(len(ids), func(i int) bool { return g.before(row, g.table.rows[ids[i]]) })
	ids = append(ids, "")
	copy(ids[at+1:], ids[at:])
	ids[at] = g.keyedBy(row)
	g.ids[of] = ids
}

// rows yields the open rows of a group in order. A group can be long, and most
// commands need its first row only.
func (g *Group[G, K, R]) rows(of G) iter.Seq[R] {
	ids, declared := g.ids[of]
	if !declared {
		panic(fmt.Sprintf("%s of %v are read without having been declared", g.name, of))
	}
	return func(yield func(R) bool) {
		for _, id := range ids {
			row, exists := g.table.rows[id]
			if exists && g.open(row) && g.of(row) == of && !yield(row) { // it may have moved to another
				return
			}
		}
	}
}

// any says whether a group has an open row.
func (g *Group[G, K, R]) any(of G) bool {
	for range g.rows(of) {
		return true
	}
	return false
}

// Pool is the holdings of one product in one account.
type Pool struct {
	Account AccountID
	Product ProductID
}

// SeatPool is the seats of one customer under one contract.
type SeatPool struct {
	Contract ContractID
	Account  AccountID
}

// LearnerPool is what one learner may hold once: a license of a product.
type LearnerPool struct {
	Account AccountID
	Product ProductID
	Learner LearnerID
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

// takenBefore orders licenses: earliest expiry first, then the older batch (rule 27).
func takenBefore(a, b License) bool {
	switch {
	case a.ExpiresOn != b.ExpiresOn:
		return a.ExpiresOn < b.ExpiresOn
	case a.StartsOn != b.StartsOn:
		return a.StartsOn < b.StartsOn
	case a.No != b.No:
		return a.No < b.No
	}
	return a.License < b.License
}
