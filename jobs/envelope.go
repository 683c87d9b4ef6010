package jobs

import (
	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
)

// Envelope reads a journaled command as the worker does, for whoever executes
// one without the worker.
func Envelope(row store.JournalRow) *domain.Envelope {
	e, _ := envelope(row)
	return e
}
