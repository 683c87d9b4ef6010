// Package jobs is the way of a command from upstream to the ledger: it checks
// it, commits it to the journal, rings for the worker, and executes it there.
//
// Start reading with Kinds, the table of everything that can be enqueued.
package jobs

import (
	"reflect"

	"github.com/licenseledger/licenseledger/domain"
)

// Kind is a kind of command. Its fields, limits, flags and documentation come
// from the struct that decides it.
type Kind struct {
	Name    string
	Purpose string
	Class   domain.Class
	body    reflect.Type
}

// Kinds is the table: one line per kind. Every task is at least once; what was
// decided before is found in the journal and not decided again, so all of them
// may be retried at any time.
var Kinds = []Kind{
	kind[domain.PutSeller]("create or replace a seller, the legal entity that issues invoices"),
	kind[domain.PutTax]("set the VAT rate of a country from a day on"),
	kind[domain.PutProduct]("create or replace a product"),
	kind[domain.PutAccount]("create or replace a reseller or a customer"),
	kind[domain.PutUser]("create or replace a user and the user's roles"),
	kind[domain.PutContract]("create or replace a contract with its products and prices"),

	kind[domain.PurchaseStock]("buy licenses ahead, into stock"),
	kind[domain.TransferStock]("move stock to a customer as licenses, or to a sub-reseller as stock"),
	kind[domain.RequestOrder]("ask the reseller for licenses"),
	kind[domain.AssignOrder]("give a customer what was ordered, out of stock or newly bought"),

	kind[domain.AdvanceClock]("move the test clock (worker --test-clock only)"),
}

func kind[C domain.Command](purpose string) Kind {
	var c C
	return Kind{Name: c.Kind(), Purpose: purpose, Class: domain.ClassOf(c.Kind()), body: reflect.TypeFor[C]()}
}

var kindsByName = func() map[string]Kind {
	byName := map[string]Kind{}
	for _, k := range Kinds {
		if _, twice := byName[k.Name]; twice {
			panic("kind " + k.Name + " is in the table twice")
		}
		byName[k.Name] = k
	}
	return byName
}()

// KindNamed finds a kind.
func KindNamed(name string) (Kind, bool) {
	k, ok := kindsByName[name]
	return k, ok
}
