package domain

import (
	"fmt"
	"time"
)

// PutLearner creates or replaces an end user of a customer.
type PutLearner struct {
	ID          LearnerID     `json:"id"`
	Account     AccountID     `json:"account"`
	Name        Name          `json:"name"`
	Status      LearnerStatus `json:"status,omitempty" default:"active"`
	LastLoginAt *time.Time    `json:"last_login_at,omitempty"`
}

func (PutLearner) Kind() string { return "learner.put" }

// Doc says what the command gives and what can refuse it.
func (PutLearner) Doc() Doc {
	return Doc{Reasons: []Reason{AccountNotFound}}
}

func (b PutLearner) Reads(_ *State, _ *Envelope, k *Keys) { k.Learner(b.Account, "", b.ID) }

func (b PutLearner) Decide(d *Decision) {
	if _, exists := d.Accounts.Get(b.Account); !exists {
		d.refuse(AccountNotFound, "no account %s", b.Account)
		return
	}
	l := Learner{Account: b.Account, Learner: b.ID, Name: b.Name, Status: b.Status, LastLoginAt: b.LastLoginAt, ChangedAt: d.At}
	d.Learners.put(l.Key(), l)
	d.summary = fmt.Sprintf("learner %s of %s put", b.ID, b.Account)
}

// EraseLearner removes a learner's name everywhere; what the learner used stays.
type EraseLearner struct {
	ID      LearnerID `json:"id"`
	Account AccountID `json:"account"`
}

func (EraseLearner) Kind() string { return "learner.erase" }

// Doc says what the command gives and what can refuse it.
func (EraseLearner) Doc() Doc {
	return Doc{Reasons: []Reason{AccountNotFound, LearnerNotFound}}
}

func (b EraseLearner) Reads(_ *State, _ *Envelope, k *Keys) { k.Learner(b.Account, "", b.ID) }

func (b EraseLearner) Decide(d *Decision) {
	if _, exists := d.Accounts.Get(b.Account); !exists {
		d.refuse(AccountNotFound, "no account %s", b.Account)
		return
	}
	l, exists := d.Learners.Get(Learner{Account: b.Account, Learner: b.ID}.Key())
	if !exists {
		d.refuse(LearnerNotFound, "no learner %s of %s", b.ID, b.Account)
		return
	}
	l.Name, l.ChangedAt = "", d.At
	d.Learners.put(l.Key(), l)
	d.Erasures = append(d.Erasures, l.Key())
	d.summary = fmt.Sprintf("name of learner %s of %s erased", b.ID, b.Account)
}

// AllocateLicense gives one license to one learner (rule 34).
type AllocateLicense struct {
	Account AccountID `json:"account"`
	Product ProductID `json:"product"`
	Learner LearnerID `json:"learner"`
	License LicenseID `json:"license,omitempty"`
}

func (AllocateLicense) Kind() string { return "license.allocate" }

// Doc says what the command gives and what can refuse it.
func (AllocateLicense) Doc() Doc {
	return Doc{
		Results: "licenses",
		Reasons: []Reason{ProductNotFound, LicenseNotFound, LearnerNotFound, NotOwnAccount, NotOwnCustomer, InsufficientAvailable, LicenseExpired, AlreadyAllocated},
	}
}

func (b AllocateLicense) Reads(s *State, _ *Envelope, k *Keys) {
	k.OpenLicenses(b.Account, b.Product, 1)
	k.License(s, b.License)
	k.Learner(b.Account, b.Product, b.Learner)
}

func (b AllocateLicense) Decide(d *Decision) {
	account := d.account(b.Account)
	d.product(b.Product)
	d.presentLearner(b.Account, b.Learner)
	if b.License != "" {
		d.licenseOf(b.License, b.Account, b.Product)
	}
	if d.refused() {
		return
	}
	d.needOwnOrCustomer(account)
	if d.InUse.any(LearnerPool{b.Account, b.Product, b.Learner}) {
		d.refuse(AlreadyAllocated, "%s has a license of %s already", b.Learner, b.Product)
	}
	license, found := b.choose(d)
	if d.refused() || !found {
		return
	}
	// From here on the allocation succeeds.
	license.Allocated++
	license.ChangedAt = d.At
	d.Licenses.put(license.License, license)
	d.allocate(license, b.Learner)
	d.summary = fmt.Sprintf("license %s allocated to learner %s", license.License, b.Learner)
}

// choose takes the named batch, or the one that expires first.
func (b AllocateLicense) choose(d *Decision) (License, bool) {
	if b.License != "" {
		return d.canTake(Item{Product: b.Product, Quantity: 1, License: b.License})
	}
	grabs, missing := d.grabUpTo(Pool{b.Account, b.Product}, 1)
	if missing > 0 {
		d.refuse(InsufficientAvailable, "%s has no %s available", b.Account, b.Product)
		return License{}, false
	}
	return grabs[0].license, true
}

// presentLearner finds a learner who can get a license.
func (d *Decision) presentLearner(account AccountID, id LearnerID) {
	if l := d.learner(account, id); l.Status == LearnerLeft {
		d.refuse(LearnerNotFound, "learner %s has left", id)
	}
}

func (d *Decision) allocate(l License, learner LearnerID) {
	a := Allocation{
		Allocation: AllocationID(d.holdingID()), Account: l.Account, Product: l.Product, Learner: learner, License: l.License,
		No: d.No, ChangedAt: d.At,
	}
	d.Allocations.put(a.Allocation, a)
	d.Allocated.insert(a)
	d.InUse.insert(a)
	d.showLicense(l)
}

// ReallocateLicense gives the license of a learner who has left, or has never
// logged in, to another for the validity that remains (rule 35).
type ReallocateLicense struct {
	Account AccountID `json:"account"`
	Product ProductID `json:"product"`
	From    LearnerID `json:"from"`
	To      LearnerID `json:"to"`
}

func (ReallocateLicense) Kind() string { return "license.reallocate" }

// Doc says what the command gives and what can refuse it.
func (ReallocateLicense) Doc() Doc {
	return Doc{
		Results: "licenses",
		Reasons: []Reason{ProductNotFound, LicenseNotFound, LearnerNotFound, NotOwnAccount, NotOwnCustomer, AlreadyAllocated, LearnerActive},
	}
}

// CheckFields refuses a reallocation to the same learner.
func (b ReallocateLicense) CheckFields(wrong func(field, what string)) {
	if b.From == b.To {
		wrong("to", "is the learner who has it")
	}
}

func (b ReallocateLicense) Reads(_ *State, _ *Envelope, k *Keys) {
	k.Learner(b.Account, b.Product, b.From)
	k.Learner(b.Account, b.Product, b.To)
}

func (b ReallocateLicense) Decide(d *Decision) {
	account := d.account(b.Account)
	d.product(b.Product)
	from := d.learner(b.Account, b.From)
	d.presentLearner(b.Account, b.To)
	var held Allocation
	var license License
	if from.Learner != "" {
		held, license = b.held(d)
	}
	if d.refused() {
		return
	}
	d.needOwnOrCustomer(account)
	if d.InUse.any(LearnerPool{b.Account, b.Product, b.To}) {
		d.refuse(AlreadyAllocated, "%s has a license of %s already", b.To, b.Product)
	}
	if from.Status != LearnerLeft && from.LastLoginAt != nil {
		d.refuse(LearnerActive, "%s has not left and has logged in", b.From)
	}
	if d.refused() {
		return
	}
	// From here on the reallocation succeeds.
	held.EndedOn, held.ChangedAt = d.Contracts.rows[license.Contract].Today(d.At), d.At
	d.Allocations.put(held.Allocation, held)
	d.allocate(license, b.To)
	d.summary = fmt.Sprintf("license %s reallocated from learner %s to %s", license.License, b.From, b.To)
}

func (b ReallocateLicense) held(d *Decision) (Allocation, License) {
	for a := range d.InUse.rows(LearnerPool{b.Account, b.Product, b.From}) {
		if l := d.Licenses.rows[a.License]; !d.licenseExpired(l) {
			return a, l
		}
	}
	d.refuse(LicenseNotFound, "learner %s holds no license of %s", b.From, b.Product)
	return Allocation{}, License{}
}
