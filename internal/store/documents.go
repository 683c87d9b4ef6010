package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	documentPatience = sqlText("document_patience")
	documentClaim    = sqlText("document_claim")
	documentSave     = sqlText("document_save")
	documentDone     = sqlText("document_done")
	documentFailed   = sqlText("document_failed")
	documentOpen     = sqlText("document_open")
	documentOf       = sqlText("document_of")
)

// Documents of an invoice by format, as MakeDocuments stores them.
type Documents map[string][]byte

// documentsAtOnce is how many invoices one transaction documents.
const documentsAtOnce = 4

// MakeDocuments makes the documents of some invoices that lack them, and lets
// their mails go. It returns how many it found, and what went wrong with single
// ones, which are tried again later. Several may run at once: each takes others.
// The first bytes stay; made again they would be the same.
func (s *Store) MakeDocuments(ctx context.Context, render func(*domain.Invoice) (Documents, error)) (found int, failed error, err error) {
	// Drawing takes long and runs on all processors: connections for commands are not for that.
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{BeginQuery: beginByKey()}, func(tx pgx.Tx) error {
		var invoices []storedInvoice
		batch := &pgx.Batch{}
		batch.Queue(documentPatience)
		queue(batch, documentClaim, func(i storedInvoice) { invoices = append(invoices, i) }, documentsAtOnce)
		if err := tx.SendBatch(ctx, batch).Close(); err != nil || len(invoices) == 0 {
			return err
		}
		found = len(invoices)
		var made []document
		var done []month
		batch = &pgx.Batch{}
		for _, i := range invoices {
			documents, err := i.render(render)
			if err != nil {
				failed = errors.Join(failed, err)
				batch.Queue(documentFailed, i.Contract, i.Period, strings.ToValidUTF8(err.Error(), "?"))
				continue
			}
			made, done = append(made, documents...), append(done, i.month)
		}
		contracts, periods := monthColumns(done)
		batch.Queue(documentSave, columns(made)...)
		batch.Queue(documentDone, contracts, periods)
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return 0, nil, fmt.Errorf("making documents: %w", err)
	}
	return found, failed, nil
}

// DocumentsUnderWay is how many invoices lack their documents and have not
// failed to get them.
func (s *Store) DocumentsUnderWay(ctx context.Context) (n int, err error) {
	if err := s.pool.QueryRow(ctx, documentOpen).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting invoices without documents: %w", err)
	}
	return n, nil
}

// Documents returns what there is of the invoice of a contract for a month.
func (s *Store) Documents(ctx context.Context, contract domain.ContractID, period domain.Period) (Documents, error) {
	rows, err := s.pool.Query(ctx, documentOf, contract, domain.Date(period))
	if err != nil {
		return nil, fmt.Errorf("reading the documents of %s of contract %s: %w", period, contract, err)
	}
	found := Documents{}
	var format string
	var content []byte
	if _, err := pgx.ForEachRow(rows, []any{&format, &content}, func() error {
		found[format] = bytes.Clone(content)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("reading the documents of %s of contract %s: %w", period, contract, err)
	}
	return found, nil
}

type storedInvoice struct {
	month
	Content []byte
}

type document struct {
	Contract domain.ContractID
	Period   domain.Date
	Format   string
	SHA256   []byte
	Content  []byte
}

// render makes the documents; a bug that one invoice brings out must not hold up the others.
func (i storedInvoice) render(render func(*domain.Invoice) (Documents, error)) (made []document, err error) {
	invoice, err := readInvoice(i.Content)
	if err != nil {
		return nil, fmt.Errorf("%s of contract %s: %w", domain.Period(i.Period), i.Contract, err)
	}
	defer func() {
		if value := recover(); value != nil {
			made, err = nil, fmt.Errorf("making the documents of %s failed: %v", invoice.Number, value)
		}
	}()
	documents, err := render(invoice)
	if err != nil {
		return nil, fmt.Errorf("making the documents of %s: %w", invoice.Number, err)
	}
	for format, content := range documents {
		sum := sha256.Sum256(content)
		made = append(made, document{i.Contract, i.Period, format, sum[:], content})
	}
	return made, nil
}

func readInvoice(content []byte) (*domain.Invoice, error) {
	var i domain.Invoice
	if err := json.Unmarshal(content, &i); err != nil {
		return nil, fmt.Errorf("reading an invoice: %w", err)
	}
	return &i, nil
}
