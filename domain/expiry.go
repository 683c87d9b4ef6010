package domain

import "fmt"

// ExpireStock ends a lot at the first day after its life: the remainder, and
// only the remainder, expires (rule 17).
type ExpireStock struct {
	Lot LotID `json:"lot"`
}

func (ExpireStock) Kind() string { return "stock.expire" }

// Doc says what the command gives and what can refuse it.
func (ExpireStock) Doc() Doc { return Doc{Results: "stock"} }

func (b ExpireStock) Reads(s *State, _ *Envelope, k *Keys) { k.Lot(s, b.Lot) }

func (b ExpireStock) Decide(d *Decision) {
	lot := d.Lots.rows[b.Lot]
	if !d.hasExpired(lot) || lot.Expired {
		d.summary = "nothing was due"
		return
	}
	d.concern(lot.Account)
	left := lot.Remaining
	if left > 0 {
		d.move(lot.Product, left, string(lot.Lot), Expired)
	}
	lot.Remaining, lot.Expired, lot.NextDueAt, lot.ChangedAt = 0, left > 0, nil, d.At
	d.Lots.put(lot.Lot, lot)
	d.showLot(lot)
	d.summary = fmt.Sprintf("%d %s of lot %s expired", left, lot.Product, lot.Lot)
	if left > 0 {
		d.mailStock(MailStockExpired, lot, left)
	}
}

// ExpireLicense closes a batch whole, allocated or not (rule 36).
type ExpireLicense struct {
	License LicenseID `json:"license"`
}

func (ExpireLicense) Kind() string { return "license.expire" }

// Doc says what the command gives and what can refuse it.
func (ExpireLicense) Doc() Doc { return Doc{Results: "licenses"} }

func (b ExpireLicense) Reads(s *State, _ *Envelope, k *Keys) {
	k.License(s, b.License)
	k.Allocated = append(k.Allocated, b.License)
	k.Deployed = append(k.Deployed, b.License)
}

func (b ExpireLicense) Decide(d *Decision) {
	license := d.Licenses.rows[b.License]
	if !d.licenseExpired(license) || license.Expired {
		d.summary = "nothing was due"
		return
	}
	d.concern(license.Account)
	if license.Quantity > 0 {
		d.move(license.Product, license.Quantity, string(license.License), Expired)
	}
	today := d.Contracts.rows[license.Contract].Today(d.At)
	for a := range d.Allocated.rows(license.License) {
		a.EndedOn, a.ChangedAt = today, d.At
		d.Allocations.put(a.Allocation, a)
	}
	d.undeploy(license.License)
	license.Deployed, license.Allocated, license.Expired, license.NextDueAt, license.ChangedAt = 0, 0, true, nil, d.At
	d.Licenses.put(license.License, license)
	d.showLicense(license)
	d.summary = fmt.Sprintf("%d %s of license %s expired", license.Quantity, license.Product, license.License)
	if license.Quantity > 0 {
		d.mailLicense(MailLicenseExpired, license)
	}
}

// undeploy takes an expired batch out of the deployments that hold it.
func (d *Decision) undeploy(license LicenseID) {
	for _, id := range d.deployed[license] {
		x := d.Deployments.rows[id]
		if x.State != DeploymentActive {
			continue
		}
		items := []DeploymentItem{}
		for _, item := range x.Items {
			if item.License != license {
				items = append(items, item)
			}
		}
		x.Items, x.ChangedAt = items, d.At
		d.Deployments.put(id, x)
	}
}

// SendReminder tells people of an end that comes nearer.
type SendReminder struct {
	Lot          LotID          `json:"lot,omitempty"`
	License      LicenseID      `json:"license,omitempty"`
	Subscription SubscriptionID `json:"subscription,omitempty"`
}

func (SendReminder) Kind() string { return "reminder.send" }

// Doc says what the command gives and what can refuse it.
func (SendReminder) Doc() Doc { return Doc{} }

func (b SendReminder) Reads(s *State, _ *Envelope, k *Keys) {
	switch {
	case b.Lot != "":
		k.Lot(s, b.Lot)
	case b.License != "":
		k.License(s, b.License)
	default:
		k.Subscription(s, b.Subscription)
	}
}

func (b SendReminder) Decide(d *Decision) {
	d.summary = "nothing to remind of"
	switch {
	case b.Lot != "":
		d.remindOfLot(d.Lots.rows[b.Lot])
	case b.License != "":
		d.remindOfLicense(d.Licenses.rows[b.License])
	default:
		d.remindOfRenewal(d.Subscriptions.rows[b.Subscription])
	}
}

func (d *Decision) remindOfLot(l Lot) {
	if l.Remaining > 0 && !d.hasExpired(l) {
		d.mailStock(MailStockExpiring, l, l.Remaining)
		d.summary = fmt.Sprintf("reminded of %d %s in lot %s", l.Remaining, l.Product, l.Lot)
	}
	l.NextDueAt = nextDue(l.ExpiresOn, d.Contracts.rows[l.Contract].Zone(), stockReminders, d.At)
	d.Lots.put(l.Lot, l)
}

func (d *Decision) remindOfLicense(l License) {
	if l.Quantity > 0 && !d.licenseExpired(l) {
		d.mailLicense(MailLicenseExpiring, l)
		d.summary = fmt.Sprintf("reminded of %d %s of license %s", l.Quantity, l.Product, l.License)
	}
	l.NextDueAt = nextDue(l.ExpiresOn, d.Contracts.rows[l.Contract].Zone(), licenseReminders, d.At)
	d.Licenses.put(l.License, l)
}

func (d *Decision) remindOfRenewal(x Subscription) {
	if x.State == SubscriptionRunning && x.Renewal == Renew {
		d.mailSubscription(MailSubscriptionRenewing, d.Accounts.rows[x.Account], x, nextSeats(x))
		d.summary = fmt.Sprintf("reminded of the renewal of %s", x.Subscription)
	}
	x.NextDueAt = nextDue(x.TermEndsOn, d.Contracts.rows[x.Contract].Zone(), renewalReminders, d.At)
	d.Subscriptions.put(x.Subscription, x)
}
