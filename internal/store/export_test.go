package store

import (
	"bytes"
	"context"
	"errors"

	"github.com/licenseledger/licenseledger/domain"
)

// InvoiceAgain computes an invoice from the facts as they are written, and gives
// it the number and dates that it had.
func (s *Store) InvoiceAgain(ctx context.Context, contract domain.ContractID, period domain.Date, number string, on domain.Date) (asJSON, asCSV []byte, err error) {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	facts, err := readFacts(ctx, tx, []month{{contract, period}})
	if err != nil {
		return nil, nil, err
	}
	d := makeDraft(facts[0])
	if d.invoice == nil {
		return nil, nil, errors.New("no invoice: " + d.why.detail)
	}
	invoice := d.invoice
	invoice.Finalise(number, on, facts[0].Contract.PaymentTermsDays)
	var file bytes.Buffer
	if err := invoice.WriteCSV(&file); err != nil {
		return nil, nil, err
	}
	asJSON, err = invoice.JSON()
	return asJSON, file.Bytes(), err
}
