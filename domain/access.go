package domain

import "slices"

// right says who may send a kind: which sort of account acts, always through a
// manager or sales, and whether the contract's create permission is needed.
// Whose things are named is judged by what the acting account sees and owns.
type right struct {
	acting []AccountKind
	create bool
}

// MayAct tells, for documentation, which sorts of account may send a kind and
// whether a contract's create permission is needed.
func MayAct(kind string) (acting []AccountKind, create bool) {
	return rights[kind].acting, rights[kind].create
}

// rights is the table of rule 9. Kinds that are not in it need no actor.
var rights = func() map[string]right {
	table := map[string]right{}
	allow := func(r right, kinds ...string) {
		for _, kind := range kinds {
			table[kind] = r
		}
	}
	reseller, customer, either := []AccountKind{Reseller}, []AccountKind{Customer}, []AccountKind{Customer, Reseller}
	allow(right{acting: reseller, create: true},
		"stock.purchase", "license.purchase", "license.renew", "order.assign", "subscription.start", "renewal.change")
	allow(right{acting: reseller},
		"stock.transfer", "license.sell", "order.reject", "cap.change")
	allow(right{acting: either}, // seats.change of an annual subscription wants more: see ChangeSeats
		"order.request", "seats.change", "subscription.end", "license.allocate", "license.reallocate")
	allow(right{acting: customer}, // and so the reseller's in managing mode
		"order.cancel", "seats.request")
	allow(right{acting: either},
		"deployment.create", "deployment.retire", "license.pull", "account.link", "account.unlink")
	return table
}()

// NeedsActor tells the business kinds from the others.
func NeedsActor(kind string) bool {
	_, ok := rights[kind]
	return ok
}

// Class says what a command may change, and so how its batch passes the gate.
type Class int

// A batch is all of one class.
const (
	Catalog   Class = iota // upstream's master data
	Business               // what users do
	Control                // the test clock
	Scheduled              // what falls due by itself
)

// ClassOf returns the class of a kind.
func ClassOf(kind string) Class {
	switch {
	case NeedsActor(kind):
		return Business
	case kind == AdvanceClock{}.Kind():
		return Control
	case kind == ExpireStock{}.Kind(), kind == ExpireLicense{}.Kind(), kind == SendReminder{}.Kind(), kind == RenewSubscription{}.Kind():
		return Scheduled
	}
	return Catalog
}

// act finds out who acts, and for whom (rules 7 to 9). It returns false when
// nothing can be seen by anybody.
func (d *Decision) act() bool {
	if d.Actor == "" {
		return true
	}
	actor, known := d.Users.Get(d.Actor)
	if !known {
		d.refuse(ActorNotFound, "no user %s", d.Actor)
		return false
	}
	d.actor = actor
	if !NeedsActor(d.Kind) {
		return true
	}
	d.acting = d.Accounts.rows[actor.Account]
	if d.OnBehalfOf != "" && !d.manage() {
		return false
	}
	d.checkRight()
	return true
}

// manage enters managing mode: the actor has the customer's rights instead (rule 8).
func (d *Decision) manage() bool {
	customer, known := d.Accounts.Get(d.OnBehalfOf)
	if !known || !d.sees(d.acting.Account, customer.Account) {
		d.refuse(AccountNotFound, "no account %s", d.OnBehalfOf)
		return false
	}
	d.managing = true
	if customer.Kind != Customer || customer.Parent != d.acting.Account {
		d.refuse(NotOwnCustomer, "%s is not a direct customer of %s", customer.Account, d.acting.Account)
	}
	d.acting = customer
	return true
}

func (d *Decision) checkRight() {
	r := rights[d.Kind]
	if !slices.Contains(d.actor.Roles, Manager) && !slices.Contains(d.actor.Roles, Sales) {
		d.refuse(PermissionDenied, "%s has neither the role manager nor sales", d.Actor)
	}
	if d.managing { // who is named may be no customer; that is another question
		if !slices.Contains(r.acting, Customer) {
			d.refuse(ManagingMode, "%s is not for customers, so it cannot be done on behalf of %s", d.Kind, d.acting.Account)
		}
		return
	}
	if slices.Contains(r.acting, d.acting.Kind) {
		return
	}
	d.refuse(PermissionDenied, "%s is not for users of a %s", d.Kind, d.acting.Kind)
}

// needCreatePermission applies rule 3. What a customer may not do is managing
// mode's own refusal.
func (d *Decision) needCreatePermission(c Contract) {
	if d.managing {
		d.refuse(ManagingMode, "%s is not for customers, so it cannot be done on behalf of %s", d.Kind, d.acting.Account)
		return
	}
	if slices.Contains(c.CreatePermission, d.Actor) && d.actor.Account == c.Reseller {
		return
	}
	d.refuse(PermissionDenied, "%s has no permission to create under contract %s", d.Actor, c.Contract)
}

// sees says whether things of an account are visible to a viewer: its own, its
// parent's, those of everything below it, and those of linked accounts (rule 7).
func (s *State) sees(viewer, account AccountID) bool {
	return viewer == account ||
		s.Accounts.rows[viewer].Parent == account ||
		s.isBelow(account, viewer) ||
		s.linked(viewer, account) || s.linked(account, viewer)
}

func (s *State) isBelow(account, above AccountID) bool {
	for a, ok := s.Accounts.rows[account]; ok && a.Parent != ""; a, ok = s.Accounts.rows[a.Parent] {
		if a.Parent == above {
			return true
		}
	}
	return false
}

func (s *State) linked(account, source AccountID) bool {
	return s.Links.rows[Link{Account: account, Source: source}.Key()].Live
}

// What is not seen is answered exactly as if it did not exist (rule 7).

func (d *Decision) account(id AccountID) Account {
	a, ok := d.Accounts.Get(id)
	if !ok || !d.sees(d.acting.Account, id) {
		d.refuse(AccountNotFound, "no account %s", id)
		return Account{}
	}
	d.concern(id)
	return a
}

// contract is seen by its reseller and that reseller's customers.
func (d *Decision) contract(id ContractID) Contract {
	c, ok := d.Contracts.Get(id)
	if !ok || c.Reseller != d.acting.Account && !(d.acting.Kind == Customer && c.Reseller == d.acting.Parent) {
		d.refuse(ContractNotFound, "no contract %s", id)
		return Contract{}
	}
	return c
}

func (d *Decision) product(id ProductID) Product {
	p, ok := d.Products.Get(id)
	if !ok {
		d.refuse(ProductNotFound, "no product %s", id)
	}
	return p
}

// lot finds a lot of an account by id; one of another account is none of it.
func (d *Decision) lot(id LotID, of AccountID, product ProductID) Lot {
	l, ok := d.Lots.Get(id)
	switch {
	case !ok || l.Account != of:
		d.refuse(LotNotFound, "%s has no lot %s", of, id)
	case l.Product != product:
		d.refuse(LotNotFound, "lot %s holds %s, not %s", id, l.Product, product)
	}
	return l
}

// licenseOf finds a batch of licenses of an account by id.
func (d *Decision) licenseOf(id LicenseID, of AccountID, product ProductID) License {
	l := d.license(id)
	switch {
	case l.License == "":
	case l.Account != of:
		d.refuse(LicenseNotFound, "license %s belongs to %s, not to %s", id, l.Account, of)
	case l.Product != product:
		d.refuse(LicenseNotFound, "license %s is for %s, not %s", id, l.Product, product)
	}
	return l
}

func (d *Decision) license(id LicenseID) License {
	l, ok := d.Licenses.Get(id)
	if !ok || !d.sees(d.acting.Account, l.Account) {
		d.refuse(LicenseNotFound, "no license %s", id)
		return License{}
	}
	d.concern(l.Account)
	return l
}

func (d *Decision) order(id OrderID) Order {
	o, ok := d.Orders.Get(id)
	if !ok || !d.sees(d.acting.Account, o.Account) {
		d.refuse(OrderNotFound, "no order %s", id)
		return Order{}
	}
	d.concern(o.Account)
	return o
}

func (d *Decision) deployment(id DeploymentID) Deployment {
	x, ok := d.Deployments.Get(id)
	if !ok || !d.sees(d.acting.Account, x.Owner) && !d.sees(d.acting.Account, x.Account) {
		d.refuse(DeploymentNotFound, "no deployment %s", id)
		return Deployment{}
	}
	d.concern(x.Owner)
	return x
}

func (d *Decision) subscription(id SubscriptionID) Subscription {
	x, ok := d.Subscriptions.Get(id)
	if !ok || !d.sees(d.acting.Account, x.Account) {
		d.refuse(SubscriptionUnknown, "no subscription %s", id)
		return Subscription{}
	}
	d.concern(x.Account)
	return x
}

// learner finds a learner who has not left.
func (d *Decision) learner(account AccountID, id LearnerID) Learner {
	l, ok := d.Learners.Get(Learner{Account: account, Learner: id}.Key())
	if !ok || !d.sees(d.acting.Account, account) {
		d.refuse(LearnerNotFound, "no learner %s", id)
	}
	return l
}

// Whose things a command may name (rule 7).

func (d *Decision) needOwn(a AccountID) {
	if a != d.acting.Account {
		d.refuse(NotOwnAccount, "%s is not %s, the account that acts", a, d.acting.Account)
	}
}

func (d *Decision) needOwnCustomer(a Account) {
	if a.Kind != Customer || a.Parent != d.acting.Account {
		d.refuse(NotOwnCustomer, "%s is not a direct customer of %s", a.Account, d.acting.Account)
	}
}

func (d *Decision) needDirectlyBelow(a Account) {
	if a.Parent != d.acting.Account {
		d.refuse(NotOwnCustomer, "%s is neither a direct customer nor a direct sub-reseller of %s", a.Account, d.acting.Account)
	}
}

// needOwnOrCustomer is for kinds that a customer sends for itself and its reseller for it.
func (d *Decision) needOwnOrCustomer(a Account) {
	if d.acting.Kind == Customer {
		d.needOwn(a.Account)
		return
	}
	d.needOwnCustomer(a)
}

// needSelfOrCustomer is for kinds that a reseller sends for itself or a direct customer.
func (d *Decision) needSelfOrCustomer(a Account) {
	if a.Account != d.acting.Account {
		d.needOwnCustomer(a)
	}
}
