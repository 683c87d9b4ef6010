package domain_test

import (
	"testing"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

// Billing is what decides an invoice beside the contract; clock.advance is of no scope.
var scopes = map[string]domain.Scope{
	"seller.put": domain.ScopeBilling, "tax.put": domain.ScopeBilling, "charge.correct": domain.ScopeBilling,

	"product.put": domain.ScopeCatalog, "account.put": domain.ScopeCatalog, "user.put": domain.ScopeCatalog,
	"contract.put": domain.ScopeCatalog, "learner.put": domain.ScopeCatalog, "learner.erase": domain.ScopeCatalog,

	"stock.purchase": domain.ScopeBusiness, "stock.transfer": domain.ScopeBusiness, "license.purchase": domain.ScopeBusiness,
	"license.renew": domain.ScopeBusiness, "license.sell": domain.ScopeBusiness, "license.pull": domain.ScopeBusiness,
	"account.link": domain.ScopeBusiness, "account.unlink": domain.ScopeBusiness, "deployment.create": domain.ScopeBusiness,
	"deployment.retire": domain.ScopeBusiness, "order.request": domain.ScopeBusiness, "order.assign": domain.ScopeBusiness,
	"order.reject": domain.ScopeBusiness, "order.cancel": domain.ScopeBusiness, "license.allocate": domain.ScopeBusiness,
	"license.reallocate": domain.ScopeBusiness, "subscription.start": domain.ScopeBusiness, "seats.change": domain.ScopeBusiness,
	"seats.request": domain.ScopeBusiness, "cap.change": domain.ScopeBusiness, "renewal.change": domain.ScopeBusiness,
	"subscription.end": domain.ScopeBusiness,

	"clock.advance": "",
}

func admit(limits *domain.Source, kind string) string {
	s := domain.NewState()
	if limits != nil {
		s.LoadSource(*limits)
	}
	if refused := s.Admit(&domain.Envelope{Source: "portal", Kind: kind}); refused != nil {
		return string(refused.Reason)
	}
	return "admitted"
}

// Every kind with every set of scopes.
func TestScopesAndKinds(t *testing.T) {
	t.Parallel()
	if len(scopes) != len(jobs.Kinds) {
		t.Errorf("%d kinds have a scope here, there are %d", len(scopes), len(jobs.Kinds))
	}
	for _, kind := range jobs.Kinds {
		of, known := scopes[kind.Name]
		if !known {
			t.Errorf("%s has no scope", kind.Name)
		}
		for chosen := range 1 << len(domain.Scopes) {
			limits, want := domain.Source{Source: "portal"}, "out_of_scope"
			for i, scope := range domain.Scopes {
				if chosen>>i&1 == 1 {
					limits.Scopes = append(limits.Scopes, scope)
					if scope == of {
						want = "admitted"
					}
				}
			}
			if len(limits.Scopes) == 0 {
				want = "admitted"
			}
			if got := admit(&limits, kind.Name); got != want {
				t.Errorf("%s for a source of %v is %s, want %s", kind.Name, limits.Scopes, got, want)
			}
		}
		if got := admit(nil, kind.Name); got != "admitted" {
			t.Errorf("%s of a source that was never added is %s", kind.Name, got)
		}
	}
	if got := admit(&domain.Source{Source: "portal", Account: "northwind"}, "clock.advance"); got != "out_of_scope" {
		t.Errorf("clock.advance of a source for one account is %s", got)
	}
}
