package domain

import (
	"fmt"
	"slices"
)

// LinkAccount lets an account take licenses out of a source account, as a
// manager of the source has approved (rule 28).
type LinkAccount struct {
	Account    AccountID `json:"account"`
	Source     AccountID `json:"source"`
	ApprovedBy UserID    `json:"approved_by"`
}

func (LinkAccount) Kind() string { return "account.link" }

// Doc says what the command gives and what can refuse it.
func (LinkAccount) Doc() Doc {
	return Doc{Reasons: []Reason{UserNotFound, AlreadyExists, AccountClosed, NotOwnAccount}}
}

// CheckFields refuses a link of an account to itself.
func (b LinkAccount) CheckFields(wrong func(field, what string)) {
	if b.Account == b.Source {
		wrong("source", "is the account itself")
	}
}

func (b LinkAccount) Reads(_ *State, _ *Envelope, k *Keys) {
	k.Account(b.Account)
	k.Account(b.Source)
}

func (b LinkAccount) Decide(d *Decision) {
	account := d.account(b.Account)
	// The source need not be seen, so a missing one and a wrong approver must look alike.
	source, exists := d.Accounts.Get(b.Source)
	approver, known := d.Users.Get(b.ApprovedBy)
	if !exists || !known || approver.Account != b.Source || !slices.Contains(approver.Roles, Manager) {
		d.refuse(UserNotFound, "no manager %s of %s", b.ApprovedBy, b.Source)
	}
	if d.refused() {
		return
	}
	d.needOwn(b.Account)
	if d.linked(b.Account, b.Source) {
		d.refuse(AlreadyExists, "%s is linked to %s", b.Account, b.Source)
	}
	if account.Status == AccountShut {
		d.refuse(AccountClosed, "%s is closed", b.Account)
	}
	if d.refused() {
		return
	}
	link := Link{Account: b.Account, Source: b.Source, Live: true, LinkedAt: d.At}
	d.Links.put(link.Key(), link)
	d.concern(b.Source)
	d.mailLinked(account, source)
	d.summary = fmt.Sprintf("%s linked to %s, approved by %s", b.Account, b.Source, b.ApprovedBy)
}

// UnlinkAccount ends a link, from either side.
type UnlinkAccount struct {
	Account AccountID `json:"account"`
	Source  AccountID `json:"source"`
}

func (UnlinkAccount) Kind() string { return "account.unlink" }

// Doc says what the command gives and what can refuse it.
func (UnlinkAccount) Doc() Doc {
	return Doc{Reasons: []Reason{NotOwnAccount, AccountsNotLinked}}
}

func (b UnlinkAccount) Reads(_ *State, _ *Envelope, k *Keys) {
	k.Account(b.Account)
	k.Account(b.Source)
}

func (b UnlinkAccount) Decide(d *Decision) {
	d.account(b.Account)
	d.account(b.Source)
	if d.refused() {
		return
	}
	if d.acting.Account != b.Account && d.acting.Account != b.Source {
		d.refuse(NotOwnAccount, "%s is on neither side of the link", d.acting.Account)
	}
	key := Link{Account: b.Account, Source: b.Source}.Key()
	link := d.Links.rows[key]
	if !link.Live {
		d.refuse(AccountsNotLinked, "%s has no link to %s", b.Account, b.Source)
	}
	if d.refused() {
		return
	}
	link.Live = false
	d.Links.put(key, link)
	d.summary = fmt.Sprintf("link of %s to %s ended", b.Account, b.Source)
}
