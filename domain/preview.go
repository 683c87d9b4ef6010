package domain

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// A preview's token stands for what its outcome relied on: the outcome itself,
// the contract's terms and prices, and the rows it would have changed as they
// were. Anything else may change without making it stale (rule 23).

// rely notes a fact that the decision depends on.
func (d *Decision) rely(format string, args ...any) {
	d.log.relied = append(d.log.relied, fmt.Sprintf(format, args...))
}

// token is good for the command's content only.
func (d *Decision) token() string {
	sum := sha256.New()
	sum.Write(d.Hash)
	if d.rejection != nil {
		fmt.Fprintf(sum, "refused %s\n", d.rejection.Reason)
	}
	for _, fact := range d.log.relied {
		fmt.Fprintln(sum, fact)
	}
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:18])
}

func (l Lot) fact() string { return fmt.Sprintf("lot %s %d %s", l.Lot, l.Remaining, l.ExpiresOn) }

func (l License) fact() string {
	return fmt.Sprintf("license %s %d %d %d %s", l.License, l.Quantity, l.Deployed, l.Allocated, l.ExpiresOn)
}

func (o Order) fact() string { return fmt.Sprintf("order %s %s", o.OrderID, o.State) }

func (x Deployment) fact() string { return fmt.Sprintf("deployment %s %s", x.Deployment, x.State) }

func (a Allocation) fact() string { return fmt.Sprintf("allocation %s %s", a.Allocation, a.EndedOn) }

func (x Subscription) fact() string {
	return fmt.Sprintf("subscription %s %d %s %s %s", x.Subscription, x.Seats, deref(x.Cap), x.TermEndsOn, x.Renewal)
}

func deref(n *int64) string {
	if n == nil {
		return "none"
	}
	return fmt.Sprint(*n)
}

// Preview is the outcome a command would have.
type Preview struct {
	Outcome
	Token string
}

// PreviewOne decides one command on a state that is thrown away afterwards.
func PreviewOne(s *State, step Step) Preview {
	d := s.decide(step)
	p := Preview{Token: d.token()}
	d.previewing = true
	p.Outcome = d.outcome()
	return p
}
