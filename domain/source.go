package domain

import (
	"slices"
	"strings"
)

// Scope is what a source may be limited to.
type Scope string

// Every kind but clock.advance is of one scope.
const (
	ScopeCatalog  Scope = "catalog"
	ScopeBusiness Scope = "business"
	ScopeBilling  Scope = "billing"
)

// Scopes lists all of them.
var Scopes = []Scope{ScopeCatalog, ScopeBusiness, ScopeBilling}

// ScopeOf returns the scope of a kind; none for what only a source without any
// limit may send. Billing is what decides an invoice beside the contract: who
// issues it and is paid, at which VAT rate, and what is put right.
func ScopeOf(kind string) Scope {
	switch ClassOf(kind) {
	case Business:
		return ScopeBusiness
	case Catalog:
		switch kind {
		case PutSeller{}.Kind(), PutTax{}.Kind(), CorrectCharge{}.Kind():
			return ScopeBilling
		}
		return ScopeCatalog
	}
	return ""
}

// Source is an upstream with limits.
type Source struct {
	Source  string
	Scopes  []Scope   // empty: all
	Account AccountID // if given: only what concerns this account and those below it
}

// LoadSource brings in the limits of a source.
func (s *State) LoadSource(x Source) { s.sources[x.Source] = x }

// Admit says why a source may not send a command, if it may not. Of the state
// it needs the source, the users and contracts that are named, and the accounts
// concerned with all above them.
func (s *State) Admit(e *Envelope) *Rejection {
	source, limited := s.sources[e.Source]
	if !limited {
		return nil
	}
	scope := ScopeOf(e.Kind)
	if scope == "" && (len(source.Scopes) > 0 || source.Account != "") {
		return reject(OutOfScope, "%s is for sources without any limit, and %s has one", e.Kind, source.Source)
	}
	if len(source.Scopes) > 0 && !slices.Contains(source.Scopes, scope) {
		return reject(OutOfScope, "%s is of the scope %s; source %s is limited to %s", e.Kind, scope, source.Source, joinScopes(source.Scopes))
	}
	if source.Account != "" && e.Command != nil && !s.within(source.Account, e) {
		return reject(OutOfScope, "source %s is limited to %s and the accounts below it", source.Source, source.Account)
	}
	return nil
}

func joinScopes(scopes []Scope) string {
	words := make([]string, len(scopes))
	for i, scope := range scopes {
		words[i] = string(scope)
	}
	return strings.Join(words, " and ")
}

// within says whether everybody concerned belongs to a subtree. What does not
// exist belongs to none, so that it is answered like what is foreign; only what
// the command itself puts may be new. Orders, licenses and the like need no look:
// the actor's own sight decides on them.
func (s *State) within(root AccountID, e *Envelope) bool {
	names := NamesIn(e.Command)
	if len(names.Accounts) == 0 && ClassOf(e.Kind) == Catalog {
		return false // it concerns everybody
	}
	accounts, users, contracts := names.Accounts, []UserID(nil), []ContractID(nil)
	if e.OnBehalfOf != "" {
		accounts = append(accounts, e.OnBehalfOf)
	}
	if e.Actor != "" {
		users = append(users, e.Actor)
	}
	switch c := e.Command.(type) {
	case PutAccount:
		if _, exists := s.Accounts.rows[c.ID]; !exists {
			accounts = slices.DeleteFunc(accounts, func(id AccountID) bool { return id == c.ID })
		}
	case PutUser:
		if _, exists := s.Users.rows[c.ID]; exists { // it must not be taken away from another account
			users = append(users, c.ID)
		}
	case PutContract:
		if _, exists := s.Contracts.rows[c.ID]; exists {
			contracts = append(contracts, c.ID)
		}
	default:
		if ClassOf(e.Kind) == Catalog {
			contracts = names.Contracts
		}
	}
	for _, id := range users {
		accounts = append(accounts, s.Users.rows[id].Account)
	}
	for _, id := range contracts {
		accounts = append(accounts, s.Contracts.rows[id].Reseller)
	}
	outside := func(id AccountID) bool { return !s.Covers(root, id) }
	return len(accounts) > 0 && !slices.ContainsFunc(accounts, outside)
}

// Covers says whether an account is a root or below it. What does not exist is not.
func (s *State) Covers(root, id AccountID) bool {
	_, exists := s.Accounts.rows[id]
	return exists && (id == root || s.isBelow(id, root))
}

// ResellerOf returns whose contract it is; nobody's if there is none.
func (s *State) ResellerOf(id ContractID) AccountID { return s.Contracts.rows[id].Reseller }
