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
	reader := factReader{tx: tx}
	facts, err := reader.read(ctx, contract, period)
	if err != nil {
		return nil, nil, err
	}
	invoice, _, why := makeInvoice(facts)
	if invoice == nil {
		return nil, nil, errors.New("no invoice: " + why)
	}
	invoice.Finalise(number, on, facts.Contract.PaymentTermsDays)
	var file bytes.Buffer
	if err := invoice.WriteCSV(&file); err != nil {
		return nil, nil, err
	}
	asJSON, err = invoice.JSON()
	return asJSON, file.Bytes(), err
}
