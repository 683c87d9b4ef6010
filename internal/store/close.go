package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	closeDue    = sqlText("close_due")
	closeSeal   = sqlText("close_seal")
	closeNext   = sqlText("close_next")
	closeOpen   = sqlText("close_open")
	closeSeries = sqlText("close_series")
	closeWave   = sqlText("close_wave")
	closeCount  = sqlText("close_count")
	closeMark   = sqlText("close_mark")
	closeEnded  = sqlText("close_ended")

	closeInvoice  = sqlText("close_invoice")
	closeCharged  = sqlText("close_charged")
	closeDocument = sqlText("close_document")
)

// Closing a month takes two steps. Sealing, under the exclusive gate, lets
// nothing more into it; from then on its invoice follows from what is written,
// whoever makes it and however often. Invoicing a seller's sealed months is one
// transaction: numbers, invoices, documents and mails are all there, or nothing is.

// NextClose is when the month of some contract closes next; nil: never.
func (s *Store) NextClose(ctx context.Context) (*time.Time, error) {
	var at *time.Time
	if err := s.pool.QueryRow(ctx, closeNext).Scan(&at); err != nil {
		return nil, fmt.Errorf("looking for the next month to close: %w", err)
	}
	return at, nil
}

// sealing is a contract whose month is over.
type sealing struct {
	Contract    domain.ContractID
	Seller      domain.SellerID
	NextCloseAt time.Time
	TimeZone    domain.ZoneName
}

// SealMonths closes the months that ended first, as far as they have by an
// instant, to new facts. It returns how many it sealed.
func (s *Store) SealMonths(ctx context.Context, now time.Time) (int, error) {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return 0, fmt.Errorf("beginning to seal months: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	batch := &pgx.Batch{}
	batch.Queue(gateTimeout)
	batch.Queue(gateExclusive)
	var due []sealing
	queue(batch, closeDue, func(d sealing) { due = append(due, d) }, now)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return 0, fmt.Errorf("looking for months to seal: %w", err)
	}
	if len(due) == 0 {
		return 0, nil
	}
	type sealed struct {
		Contract domain.ContractID
		Seller   domain.SellerID
		Period   domain.Date
		Through  domain.Date
		DueAt    time.Time
		NextAt   time.Time
	}
	rows := make([]sealed, len(due))
	for i, d := range due {
		zone, err := domain.ZoneNamed(string(d.TimeZone))
		if err != nil {
			return 0, fmt.Errorf("contract %s: %w", d.Contract, err)
		}
		// Two days before, it is the month everywhere, also if the contract has got another zone since.
		last := domain.DateIn(d.NextCloseAt.Add(-48*time.Hour), zone)
		next := last.FirstOfMonth().AddMonths(2).StartIn(zone).UTC()
		rows[i] = sealed{d.Contract, d.Seller, last.FirstOfMonth(), last.FirstOfMonth().AddMonths(1) - 1, d.NextCloseAt, next}
	}
	if _, err := tx.Exec(ctx, closeSeal, columns(rows)...); err != nil {
		return 0, fmt.Errorf("sealing %d months: %w", len(due), err)
	}
	if err := tx.Commit(ctx); err != nil {
		return 0, fmt.Errorf("committing %d sealed months: %w", len(due), err)
	}
	return len(due), nil
}

// SellersToInvoice returns the sellers that have sealed months without an outcome.
func (s *Store) SellersToInvoice(ctx context.Context) ([]domain.SellerID, error) {
	rows, err := s.pool.Query(ctx, closeOpen)
	if err != nil {
		return nil, fmt.Errorf("looking for months to invoice: %w", err)
	}
	sellers, err := pgx.CollectRows(rows, pgx.RowTo[domain.SellerID])
	if err != nil {
		return nil, fmt.Errorf("looking for months to invoice: %w", err)
	}
	return sellers, nil
}

// closing is a sealed month of one contract.
type closing struct {
	Contract domain.ContractID
	Period   domain.Date
	DueAt    time.Time
	State    string
	Detail   string
}

// Invoiced is what came of the months of a seller.
type Invoiced struct {
	Invoices  []*domain.Invoice
	Nothing   int      // months with nothing to invoice
	Attention []string // what could not be made, and why
	Fresh     bool     // something was closed that had not been looked at
}

// InvoiceSeller makes the invoices of a seller's sealed months, in order of
// month, then contract. One that cannot be made stays due and holds up nothing.
func (s *Store) InvoiceSeller(ctx context.Context, seller domain.SellerID) (done Invoiced, err error) {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return done, fmt.Errorf("beginning to invoice for %s: %w", seller, err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	c := &closer{tx: tx, done: &done, batch: &pgx.Batch{}, latest: map[domain.ContractID]domain.Preceding{}}
	if err := c.begin(ctx, seller); err != nil {
		return done, fmt.Errorf("beginning to invoice for %s: %w", seller, err)
	}
	for _, month := range c.months {
		if err := c.close(ctx, month); err != nil {
			return done, fmt.Errorf("closing %s of contract %s: %w", domain.Period(month.Period), month.Contract, err)
		}
	}
	if !done.Fresh && len(done.Invoices)+done.Nothing == 0 {
		return done, nil // the same is missing as before
	}
	if err := c.end(ctx, seller); err != nil {
		return done, fmt.Errorf("ending the invoices of %s: %w", seller, err)
	}
	return done, nil
}

// closer is one transaction that invoices a seller's sealed months.
type closer struct {
	tx     pgx.Tx
	done   *Invoiced
	batch  *pgx.Batch
	months []closing
	now    time.Time
	last   int64 // number given
	no     int64 // of the mails
	facts  factReader
	mails  []domain.Mail

	latest    map[domain.ContractID]domain.Preceding // numbers given in this transaction
	seller    domain.Seller
	said      []domain.MailInvoice
	attention []attention
}

// attention is a month that could not be invoiced.
type attention struct {
	period domain.Date
	what   domain.MailAttention
}

func (c *closer) begin(ctx context.Context, seller domain.SellerID) error {
	batch := &pgx.Batch{}
	batch.Queue(closeSeries, seller).QueryRow(func(row pgx.Row) error { return row.Scan(&c.last, &c.now, &c.no) })
	if err := c.tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	batch = &pgx.Batch{} // after the lock: who had it before may have closed some
	queue(batch, closeWave, func(m closing) { c.months = append(c.months, m) }, seller)
	c.facts = factReader{tx: c.tx}
	return c.tx.SendBatch(ctx, batch).Close()
}

// close makes the invoice of one month, says why it cannot be made, or finds
// that there is nothing to invoice.
func (c *closer) close(ctx context.Context, m closing) error {
	facts, err := c.facts.read(ctx, m.Contract, m.Period)
	if err != nil {
		return err
	}
	if latest, ok := c.latest[m.Contract]; ok {
		facts.Latest = latest // it may not be written yet
	}
	if m.State == "sealed" {
		if err := c.endedInstead(ctx, m); err != nil {
			return err
		}
		c.seller = facts.Seller
	}
	invoice, missing, why := makeInvoice(facts)
	c.done.Fresh = c.done.Fresh || m.State == "sealed"
	switch {
	case why != "":
		sentence := fmt.Sprintf("%s of contract %s: %s", domain.Period(m.Period), m.Contract, why)
		c.done.Attention = append(c.done.Attention, sentence)
		c.attention = append(c.attention, attention{m.Period, attentionOf(m.Contract, missing)})
		c.seller = facts.Seller
		if why != m.Detail {
			c.batch.Queue(closeMark, m.Contract, m.Period, "needs_attention", why, nil)
		}
	case invoice == nil:
		c.done.Nothing++
		c.batch.Queue(closeMark, m.Contract, m.Period, "done", "nothing to invoice", c.now)
	default:
		c.last++
		invoice.Finalise(domain.InvoiceNumber(facts.Seller.InvoicePrefix, c.last), facts.Contract.Today(c.now), facts.Contract.PaymentTermsDays)
		c.latest[m.Contract] = domain.Preceding{Number: invoice.Number, IssuedOn: invoice.IssuedOn}
		c.done.Invoices = append(c.done.Invoices, invoice)
		if err := c.write(invoice, facts, m); err != nil {
			return err
		}
	}
	return c.flush(ctx, 200)
}

// endedInstead names the subscriptions that ended although they were to renew (rule 42).
func (c *closer) endedInstead(ctx context.Context, m closing) error {
	rows, err := c.tx.Query(ctx, closeEnded, m.Contract, m.Period)
	if err != nil {
		return fmt.Errorf("looking for subscriptions that ended: %w", err)
	}
	var id string
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error {
		c.attention = append(c.attention, attention{m.Period, domain.MailAttention{
			Sort: domain.AttentionEnded, Contract: m.Contract, Subscription: domain.SubscriptionID(id),
		}})
		return nil
	})
	if err != nil {
		return fmt.Errorf("looking for subscriptions that ended: %w", err)
	}
	return nil
}

// makeInvoice computes; a bug in one contract's figures must not hold up the others.
func makeInvoice(facts domain.InvoiceFacts) (invoice *domain.Invoice, missing *domain.MissingRate, why string) {
	defer func() {
		if value := recover(); value != nil {
			invoice, missing, why = nil, nil, fmt.Sprintf("computing failed: %v", value)
		}
	}()
	invoice, missing = facts.Invoice()
	if missing != nil {
		return nil, missing, missing.String()
	}
	return invoice, nil, ""
}

func attentionOf(contract domain.ContractID, missing *domain.MissingRate) domain.MailAttention {
	if missing == nil {
		return domain.MailAttention{Sort: domain.AttentionFailed, Contract: contract}
	}
	return domain.MailAttention{Sort: domain.AttentionMissingRate, Contract: contract, Country: missing.Country, On: missing.On}
}

func (c *closer) write(i *domain.Invoice, facts domain.InvoiceFacts, m closing) error {
	c.batch.Queue(closeInvoice, m.Contract, m.Period, i.Seller.ID, c.last, i.Number, i.Type, i.Currency, i.IssuedOn, i.DueOn,
		i.Net, i.VATTotal, i.Total, len(i.Lines))
	c.batch.Queue(closeCharged, m.Contract, m.Period)
	c.batch.Queue(closeMark, m.Contract, m.Period, "done", i.Number, c.now)
	asJSON, err := i.JSON()
	if err != nil {
		return fmt.Errorf("writing %s as JSON: %w", i.Number, err)
	}
	var asCSV bytes.Buffer
	if err := i.WriteCSV(&asCSV); err != nil {
		return fmt.Errorf("writing %s as CSV: %w", i.Number, err)
	}
	for format, content := range map[string][]byte{"json": asJSON, "csv": asCSV.Bytes()} {
		sum := sha256.Sum256(content)
		c.batch.Queue(closeDocument, m.Contract, m.Period, format, sum[:], content)
	}
	c.mailInvoice(i, facts, m)
	return nil
}

// flush writes what has piled up, so that memory stays constant.
func (c *closer) flush(ctx context.Context, limit int) error {
	if c.batch.Len() < limit {
		return nil
	}
	batch := c.batch
	c.batch = &pgx.Batch{}
	return c.tx.SendBatch(ctx, batch).Close()
}

func (c *closer) end(ctx context.Context, seller domain.SellerID) error {
	c.batch.Queue(closeCount, seller, c.last)
	c.mailMonths(seller)
	all(c.batch, saveMail, mailRows(c.mails))
	if err := c.flush(ctx, 0); err != nil {
		return err
	}
	return c.tx.Commit(ctx)
}
