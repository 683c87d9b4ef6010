package events

import (
	"reflect"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// CommandRejected is the type of what rules refused, whatever its kind.
const CommandRejected = "command.rejected"

// Type is a type of events.
type Type struct {
	Name    string
	Purpose string
	Subject string // the field of data that is the subject
	kinds   []string
	mail    bool
	data    reflect.Type
}

// Types is the table: one line per type. Data has ids, dates, counts and amounts,
// in the words of the commands and their results; never a name, an address, a
// mail address or a text that somebody wrote.
var Types = []Type{
	of[SellerChanged]("seller.changed", "seller", "a seller was put", "seller.put"),
	of[TaxChanged]("tax.changed", "country", "a VAT rate was put", "tax.put"),
	of[ProductChanged]("product.changed", "product", "a product was put", "product.put"),
	of[AccountChanged]("account.changed", "account", "a reseller or customer was put", "account.put"),
	of[UserChanged]("user.changed", "account", "a user of an account was put", "user.put"),
	of[ContractChanged]("contract.changed", "contract", "a contract was put", "contract.put"),
	of[LearnerChanged]("learner.changed", "account", "a learner was put", "learner.put"),
	of[LearnerErased]("learner.erased", "account", "a learner's name was erased", "learner.erase"),
	of[ChargeCorrected]("charge.corrected", "account", "a closed month is put right on the next invoice", "charge.correct"),

	of[Purchased]("stock.purchased", "account", "a reseller bought licenses ahead", "stock.purchase"),
	of[Transferred]("stock.transferred", "to", "stock went to a customer as licenses, or to a sub-reseller as stock", "stock.transfer"),
	of[StockExpired]("stock.expired", "account", "what was left of a lot expired", "stock.expire"),

	of[Purchased]("license.purchased", "account", "licenses were bought", "license.purchase"),
	of[LicenseRenewed]("license.renewed", "account", "licenses of a batch were bought for a new term", "license.renew"),
	of[Sold]("license.sold", "to", "licenses were sold to a customer", "license.sell"),
	of[Pulled]("license.pulled", "account", "licenses or stock were taken out of a linked account", "license.pull"),
	of[LicenseExpired]("license.expired", "account", "a batch of licenses closed at the end of its term", "license.expire"),
	of[Allocated]("license.allocated", "account", "a learner was given a license", "license.allocate"),
	of[Reallocated]("license.reallocated", "account", "a learner's license went to another", "license.reallocate"),

	of[Linked]("account.linked", "account", "an account may take licenses out of a source account", "account.link"),
	of[Linked]("account.unlinked", "account", "a link ended", "account.unlink"),
	of[DeploymentCreated]("deployment.created", "owner", "licenses were deployed, or sold by deployment", "deployment.create"),
	of[DeploymentRetired]("deployment.retired", "owner", "the licenses of a deployment are available again", "deployment.retire"),

	of[OrderChanged]("order.requested", "account", "licenses or seats were asked for", "order.request", "seats.request", "account.put"),
	of[OrderAssigned]("order.assigned", "account", "an order was assigned", "order.assign"),
	of[OrderChanged]("order.rejected", "account", "an order was refused by the reseller", "order.reject"),
	of[OrderChanged]("order.cancelled", "account", "an order was taken back", "order.cancel"),

	of[SubscriptionChanged]("subscription.started", "account", "a subscription started", "subscription.start"),
	of[SeatsChanged]("seats.changed", "account", "seats were added or removed", "seats.change"),
	of[SubscriptionChanged]("cap.changed", "account", "the cap of a flexible subscription changed", "cap.change"),
	of[RenewalChanged]("renewal.changed", "account", "what happens at the end of an annual term changed", "renewal.change", "subscription.end"),
	of[SubscriptionChanged]("subscription.renewed", "account", "an annual subscription began its next term", "subscription.renew"),
	of[SubscriptionChanged]("subscription.ended", "account", "a subscription ended", "subscription.renew", "subscription.end"),

	ofMail[InvoiceIssued](domain.MailInvoiceIssued, "account", "an invoice or credit note got its number"),
	ofMail[MonthClosed](domain.MailMonthClosed, "seller", "a month is closed for all contracts of a seller; again when something could only be invoiced later"),

	of[Rejected](CommandRejected, "command", "a rule refused a command"),
}

func of[D any](name, subject, purpose string, kinds ...string) Type {
	return Type{Name: name, Purpose: purpose, Subject: subject, kinds: kinds, data: reflect.TypeFor[D]()}
}

func ofMail[D any](name, subject, purpose string) Type {
	return Type{Name: name, Purpose: purpose, Subject: subject, mail: true, data: reflect.TypeFor[D]()}
}

// Scope is what a source must be allowed to send in order to read such events.
func (t Type) Scope() domain.Scope {
	switch {
	case t.mail:
		return domain.ScopeBilling
	case len(t.kinds) > 0 && domain.ScopeOf(t.kinds[0]) != "":
		return domain.ScopeOf(t.kinds[0])
	}
	return domain.ScopeBusiness // what rules refused, and what became of holdings by itself
}

// TypeNamed finds a type.
func TypeNamed(name string) (Type, bool) {
	t, known := types[name]
	return t, known
}

// TypeNames lists the types in the order of the table.
func TypeNames() []string {
	names := make([]string, len(Types))
	for i, t := range Types {
		names[i] = t.Name
	}
	return names
}

var types = func() map[string]Type {
	named := map[string]Type{}
	for _, t := range Types {
		named[t.Name] = t
	}
	return named
}()

// typesOf says what events a command that was applied has brought about. What
// found nothing to do is none.
func typesOf(h store.Happening, r result) []string {
	switch h.Kind {
	case "account.put":
		if r.order {
			return []string{"account.changed", "order.requested"}
		}
		return []string{"account.changed"}
	case "seats.request":
		return []string{"order.requested"}
	case "subscription.end":
		if r.plan != domain.Flexible {
			return []string{"renewal.changed"}
		}
	case "subscription.renew":
		switch {
		case r.plan == "":
			return nil
		case !h.Explained: // only an end has its reason in the outcome
			return []string{"subscription.renewed"}
		}
		return []string{"subscription.ended"}
	case "stock.expire", "license.expire":
		if !r.expired {
			return nil
		}
	}
	return byKind[h.Kind]
}

// byKind has those kinds whose events are always of the same type; of the
// others, the last in the table.
var byKind = func() map[string][]string {
	types := map[string][]string{}
	for _, t := range Types {
		for _, kind := range t.kinds {
			types[kind] = []string{t.Name}
		}
	}
	return types
}()
