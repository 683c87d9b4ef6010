package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	reportInvoices    = sqlText("report_invoices")
	reportSeekInvoice = sqlText("report_seek_invoice")
	reportDocument    = sqlText("report_document")
	reportSchedule    = sqlText("report_schedule")
)

// InvoiceRow is an invoice as it was made; its JSON is the document itself.
type InvoiceRow struct {
	Number   *string      `json:"number"`
	Type     int64        `json:"type"`
	Seller   string       `json:"seller"`
	Contract string       `json:"contract"`
	Account  string       `json:"account"`
	Period   string       `json:"period"`
	Currency string       `json:"currency"`
	IssuedOn domain.Date  `json:"issued_on"`
	DueOn    domain.Date  `json:"due_on"`
	Lines    invoiceParts `json:"lines"`
	VAT      invoiceParts `json:"vat"`
	Net      Money        `json:"net"`
	VATTotal Money        `json:"vat_total"`
	Total    Money        `json:"total"`
}

// invoiceParts are lines or taxes; a table shows how many there are.
type invoiceParts []json.RawMessage

func (p invoiceParts) String() string { return fmt.Sprint(len(p)) }

// Cursor names the row.
func (r InvoiceRow) Cursor() string {
	if r.Number == nil {
		return r.Contract
	}
	return *r.Number
}

// InvoicesReport shows invoices by month, seller and number.
func (s *Store) InvoicesReport(ctx context.Context, period domain.Period, contract string, p Page) iter.Seq2[InvoiceRow, error] {
	after, seller, n := domain.Date(0), "", int64(0)
	if p.After != "" {
		if err := s.pool.QueryRow(ctx, reportSeekInvoice, p.After).Scan(&after, &seller, &n); err != nil {
			return failed[InvoiceRow](seekError(err, p.After))
		}
	}
	return each2(ctx, s, "invoices", readInvoiceRow, reportInvoices, domain.Date(period), contract, after, seller, n, p.limit())
}

// readInvoiceRow takes the document, or what it is made from.
func readInvoiceRow(row pgx.CollectableRow) (r InvoiceRow, err error) {
	var asJSON, content []byte
	if err := row.Scan(&asJSON, &content); err != nil {
		return r, err
	}
	return invoiceRow(asJSON, content)
}

func invoiceRow(asJSON, content []byte) (r InvoiceRow, err error) {
	if asJSON != nil {
		return r, json.Unmarshal(asJSON, &r)
	}
	i, err := readInvoice(content)
	if err != nil {
		return r, err
	}
	return RowOf(i)
}

// RowOf shows an invoice as reports do.
func RowOf(i *domain.Invoice) (r InvoiceRow, err error) {
	asJSON, err := i.JSON()
	if err != nil {
		return r, fmt.Errorf("writing the invoice of %s: %w", i.Contract, err)
	}
	return r, json.Unmarshal(asJSON, &r)
}

// ErrNoDocument says that there is no such invoice, or not in that format.
var ErrNoDocument = errors.New("no such document")

// Document returns an invoice in a format, as it was made.
func (s *Store) Document(ctx context.Context, number, format string) ([]byte, error) {
	var content []byte
	err := s.pool.QueryRow(ctx, reportDocument, number, format).Scan(&content)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNoDocument
	}
	if err != nil {
		return nil, fmt.Errorf("reading invoice %s as %s: %w", number, format, err)
	}
	return content, nil
}

// ScheduleRow is something that happens by itself.
type ScheduleRow struct {
	Name      string  `json:"name"`
	Contract  *string `json:"contract"`
	Period    *string `json:"period"`
	DueAt     Instant `json:"due_at"`
	State     string  `json:"state"`
	Detail    *string `json:"detail"`
	LastRunAt Instant `json:"last_run_at"`
}

// Cursor names the row.
func (r ScheduleRow) Cursor() string {
	contract := ""
	if r.Contract != nil {
		contract = *r.Contract
	}
	return r.DueAt.String() + "~" + r.Name + "~" + contract
}

// ScheduleReport shows what happened by itself and what will, by its instant.
func (s *Store) ScheduleReport(ctx context.Context, p Page) iter.Seq2[ScheduleRow, error] {
	at, name, contract := time.Time{}, "", ""
	if p.After != "" {
		parts := strings.SplitN(p.After, "~", 3)
		parsed, err := time.Parse(time.RFC3339Nano, parts[0])
		if err != nil || len(parts) != 3 {
			return failed[ScheduleRow](badCursor(p.After))
		}
		at, name, contract = parsed, parts[1], parts[2]
	}
	return report[ScheduleRow](ctx, s, "the schedule", reportSchedule, at, name, contract, p.limit())
}

// DryRun computes the invoices of a month, also of the running one, and writes
// nothing. missing is why one cannot be made.
func (s *Store) DryRun(ctx context.Context, period domain.Period, take func(i *domain.Invoice, contract domain.ContractID, missing string) error) error {
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("beginning the dry run: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	const page = 100
	for after := domain.ContractID(""); ; {
		rows, err := tx.Query(ctx, factContracts, after, page)
		if err != nil {
			return fmt.Errorf("reading the contracts: %w", err)
		}
		contracts, err := pgx.CollectRows(rows, pgx.RowTo[domain.ContractID])
		if err != nil {
			return fmt.Errorf("reading the contracts: %w", err)
		}
		if len(contracts) == 0 {
			return nil
		}
		after = contracts[len(contracts)-1]
		if err := dryRun(ctx, tx, contracts, period, take); err != nil {
			return err
		}
	}
}

func dryRun(ctx context.Context, tx pgx.Tx, contracts []domain.ContractID, period domain.Period, take func(*domain.Invoice, domain.ContractID, string) error) error {
	months := make([]month, len(contracts))
	for i, c := range contracts {
		months[i] = month{c, domain.Date(period)}
	}
	facts, err := readFacts(ctx, tx, months)
	if err != nil {
		return err
	}
	for i, f := range facts {
		switch d := makeDraft(f); {
		case d.why.detail != "":
			err = take(nil, contracts[i], d.why.detail)
		case d.invoice != nil:
			err = take(d.invoice, contracts[i], "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}
