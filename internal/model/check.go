package model

import (
	"fmt"

	"github.com/licenseledger/licenseledger/domain"
)

// Check says what contradicts the invariants of the ledger, or nothing.
func (l *Ledger) Check() []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	moved, issued, expired := map[string]int64{}, map[domain.ProductID]int64{}, map[domain.ProductID]int64{}
	for _, m := range l.Movements {
		moved[m.FromHolding] -= m.Quantity
		moved[m.ToHolding] += m.Quantity
		if m.Quantity <= 0 {
			say("movement %d-%d is of %d", m.No, m.N, m.Quantity)
		}
		if m.FromHolding == domain.Issued {
			issued[m.Product] += m.Quantity
		}
		if m.ToHolding == domain.Expired {
			expired[m.Product] += m.Quantity
		}
	}
	held := map[domain.ProductID]int64{}
	for id, lot := range l.Lots {
		held[lot.Product] += lot.Remaining
		if lot.Remaining < 0 || lot.Remaining > lot.Quantity || lot.Remaining != moved[string(id)] {
			say("lot %s: %d of %d remain, %d by its movements", id, lot.Remaining, lot.Quantity, moved[string(id)])
		}
		delete(moved, string(id))
	}
	for id, license := range l.Licenses {
		quantity := license.Quantity
		if license.Expired {
			quantity = 0
		}
		held[license.Product] += quantity
		if quantity < 0 || license.Deployed < 0 || license.Allocated < 0 || license.Available() < 0 || quantity != moved[string(id)] {
			say("license %s: %d held (%d deployed, %d allocated), %d by its movements", id, quantity, license.Deployed, license.Allocated, moved[string(id)])
		}
		delete(moved, string(id))
	}
	delete(moved, domain.Issued)
	delete(moved, domain.Expired)
	for holding, n := range moved {
		say("movements leave %d in %s, which does not exist", n, holding)
	}
	for product, n := range issued {
		if n != held[product]+expired[product] {
			say("product %s: %d issued, but %d held and %d expired", product, n, held[product], expired[product])
		}
		delete(held, product)
	}
	for product, n := range held {
		if n != 0 {
			say("product %s: %d held, but none issued", product, n)
		}
	}
	return wrong
}
