package model

import "github.com/licenseledger/licenseledger/domain"

// Preview says what a command would come to, and forgets it.
func (l *Ledger) Preview(command *domain.Envelope) domain.Preview {
	b := &batch{ledger: l, state: domain.NewState(), class: domain.ClassOf(command.Kind)}
	b.state.Clock = l.Clock
	last := l.LastNo
	b.prepare([]*domain.Envelope{command})
	l.LastNo = last
	return domain.PreviewOne(b.state, b.steps[0])
}
