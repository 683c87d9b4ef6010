package domain

import "fmt"

// CreateDeployment installs licenses under a name: one's own, or, where the
// owner is a customer, licenses that are sold to it by this (rule 26).
type CreateDeployment struct {
	Deployment DeploymentID `json:"deployment"`
	Name       Name         `json:"name,omitempty"`
	Account    AccountID    `json:"account"`
	Owner      AccountID    `json:"owner"`
	Items      []Item       `json:"items"`
}

func (CreateDeployment) Kind() string { return "deployment.create" }

// Doc says what the command gives and what can refuse it.
func (CreateDeployment) Doc() Doc {
	return Doc{
		Results: "stock, licenses",
		Reasons: []Reason{ProductNotFound, LicenseNotFound, AlreadyExists, AccountClosed, NotOwnAccount, NotOwnCustomer, TrialAccount, PackageMismatch, InsufficientStock, InsufficientAvailable, LicenseExpired},
	}
}

func (CreateDeployment) FieldRules() []FieldRule { return needItems }

func (b CreateDeployment) Reads(s *State, _ *Envelope, k *Keys) {
	k.Deployment(s, b.Deployment)
	k.Account(b.Owner)
	readSource(s, k, b.Account, b.Items)
	for _, item := range b.Items {
		k.OpenLicenses(b.Account, item.Product, item.Quantity)
	}
	k.creates(tableDeployment, string(b.Deployment), Owner{Account: b.Owner, Second: b.Account})
}

func (b CreateDeployment) Decide(d *Decision) {
	d.account(b.Account)
	owner := d.account(b.Owner)
	d.findItems(b.Items, b.Account)
	if d.refused() {
		return
	}
	if _, exists := d.Deployments.Get(b.Deployment); exists {
		d.refuse(AlreadyExists, "deployment %s exists; ids of deployments are never used again", b.Deployment)
	}
	d.needOwn(b.Account)
	if b.Owner != b.Account {
		d.needOwnCustomer(owner)
		d.canReceiveItems(owner, b.Items)
	}
	if d.refused() {
		return
	}
	var licenses []License
	if b.Owner == b.Account {
		licenses = d.ownItems(owner, b.Items)
	} else {
		licenses = d.sellItems(b.Account, owner, b.Items)
	}
	if d.refused() {
		return
	}
	// From here on the deployment succeeds.
	d.deploy(b, licenses)
	if b.Owner != b.Account {
		d.mailSold(owner, licenses, firstName(b.Name, Name(b.Deployment)))
	}
	d.summary = fmt.Sprintf("%s deployed as %s for %s", listed(b.Items), b.Deployment, b.Owner)
}

func firstName(a, b Name) Name {
	if a != "" {
		return a
	}
	return b
}

// ownItems finds the licenses for a deployment of one's own: available ones
// first, then stock, which becomes licenses for a full term. The quantities are
// how many of each batch are to be deployed.
func (d *Decision) ownItems(owner Account, items []Item) []License {
	var found []License
	for _, item := range items {
		for _, l := range d.ownItem(owner, item) {
			found = append(found, l)
			d.setDeployed(l.License, l.Quantity) // the next item must not take them again
		}
	}
	return found
}

func (d *Decision) ownItem(owner Account, item Item) []License {
	if item.License != "" {
		source, ok := d.canTake(item)
		if !ok {
			return nil
		}
		source.Quantity = int64(item.Quantity)
		return []License{source}
	}
	pool := Pool{owner.Account, item.Product}
	grabs, missing := d.grabUpTo(pool, int64(item.Quantity))
	draws, missing := d.drawUpTo(d.unexpired(pool), missing)
	if missing > 0 {
		reason := InsufficientStock
		if owner.Kind == Customer { // customers have no stock
			reason = InsufficientAvailable
		}
		d.refuse(reason, "%d %s asked for, %s has %d", item.Quantity, item.Product, owner.Account, int64(item.Quantity)-missing)
		return nil
	}
	var found []License
	for _, g := range grabs {
		g.license.Quantity = g.n
		found = append(found, g.license)
	}
	d.draw(draws)
	return append(found, d.licensed(owner, d.Products.rows[item.Product], draws)...)
}

func (d *Decision) setDeployed(id LicenseID, n int64) {
	l := d.Licenses.rows[id]
	l.Deployed += n
	l.ChangedAt = d.At
	d.Licenses.put(id, l)
}

// deploy records the installation; its own licenses are marked already.
func (d *Decision) deploy(b CreateDeployment, licenses []License) {
	x := Deployment{
		Deployment: b.Deployment, Name: b.Name, Account: b.Account, Owner: b.Owner, State: DeploymentActive, No: d.No, ChangedAt: d.At,
	}
	for _, l := range licenses {
		if b.Owner != b.Account {
			d.setDeployed(l.License, l.Quantity)
		}
		x.Items = append(x.Items, DeploymentItem{l.Product, l.Quantity, l.License})
		d.deployed[l.License] = append(d.deployed[l.License], b.Deployment)
		d.showLicense(d.Licenses.rows[l.License])
	}
	d.Deployments.put(x.Deployment, x)
}

// RetireDeployment makes the licenses of a deployment available to their owner again.
type RetireDeployment struct {
	Deployment DeploymentID `json:"deployment"`
}

func (RetireDeployment) Kind() string { return "deployment.retire" }

// Doc says what the command gives and what can refuse it.
func (RetireDeployment) Doc() Doc {
	return Doc{
		Results: "licenses",
		Reasons: []Reason{DeploymentNotFound, NotOwnAccount, DeploymentRetired},
	}
}

func (b RetireDeployment) Reads(s *State, _ *Envelope, k *Keys) { k.Deployment(s, b.Deployment) }

func (b RetireDeployment) Decide(d *Decision) {
	x := d.deployment(b.Deployment)
	if d.refused() {
		return
	}
	if x.Owner != d.acting.Account && x.Account != d.acting.Account {
		d.refuse(NotOwnAccount, "deployment %s is neither owned nor created by %s", x.Deployment, d.acting.Account)
	}
	if x.State != DeploymentActive {
		d.refuse(DeploymentRetired, "deployment %s is retired", x.Deployment)
	}
	if d.refused() {
		return
	}
	for _, item := range x.Items {
		d.setDeployed(item.License, -item.Quantity)
		d.showLicense(d.Licenses.rows[item.License])
	}
	x.State, x.ChangedAt = DeploymentOver, d.At
	d.Deployments.put(x.Deployment, x)
	d.summary = fmt.Sprintf("deployment %s retired", x.Deployment)
}
