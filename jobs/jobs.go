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
	kind[domain.PutLearner]("create or replace an end user of a customer"),
	kind[domain.EraseLearner]("remove a learner's name everywhere"),
	kind[domain.CorrectCharge]("put a closed month right by an adjustment on the next invoice"),

	kind[domain.PurchaseStock]("buy licenses ahead, into stock"),
	kind[domain.TransferStock]("move stock to a customer as licenses, or to a sub-reseller as stock"),

	kind[domain.PurchaseLicense]("buy licenses for the reseller itself or a customer, newly or out of stock"),
	kind[domain.RenewLicense]("buy a new term for licenses of a batch"),
	kind[domain.SellLicense]("sell products to a customer, all of them or none"),
	kind[domain.PullLicense]("take licenses or stock out of a linked account"),

	kind[domain.LinkAccount]("let an account take licenses out of a source account"),
	kind[domain.UnlinkAccount]("end a link, from either side"),
	kind[domain.CreateDeployment]("install licenses under a name, one's own or sold to a customer by this"),
	kind[domain.RetireDeployment]("make the licenses of a deployment available again"),

	kind[domain.RequestOrder]("ask the reseller for licenses"),
	kind[domain.AssignOrder]("give a customer what was ordered, out of stock or newly bought"),
	kind[domain.RejectOrder]("refuse a requested order, with a reason"),
	kind[domain.CancelOrder]("take a requested order back"),

	kind[domain.AllocateLicense]("give a license to a learner"),
	kind[domain.ReallocateLicense]("give the license of a learner who left, or never came, to another"),

	kind[domain.StartSubscription]("give a customer seats on a flexible or annual plan"),
	kind[domain.ChangeSeats]("add or remove seats"),
	kind[domain.RequestSeats]("ask the reseller for seats on an annual plan"),
	kind[domain.ChangeCap]("set how far a flexible subscription may grow"),
	kind[domain.ChangeRenewal]("say what happens at the end of an annual term"),
	kind[domain.EndSubscription]("end a flexible subscription now, an annual one with its term"),

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

// Example returns an empty command of the kind, to ask it about itself.
func (k Kind) Example() domain.Command {
	return reflect.Zero(k.body).Interface().(domain.Command)
}
