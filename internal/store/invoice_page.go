package store

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"
	"golang.org/x/sync/errgroup"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	closeLock         = sqlText("close_lock")
	closeAgain        = sqlText("close_again")
	closeMailNo       = sqlText("close_mail_no")
	closeInvoices     = sqlText("close_invoices")
	closeCharged      = sqlText("close_charged")
	closeNumber       = sqlText("close_number")
	closeUndocumented = sqlText("close_undocumented")
)

// States of a closed month. While it is sealed, its invoice is still to be made.
const (
	monthSealed         = "sealed"
	monthDone           = "done"
	monthNeedsAttention = "needs_attention"
)

// invoicePage is one transaction that invoices some months of a seller.
type invoicePage struct {
	seller domain.SellerID
	now    time.Time
	last   int64 // number given
	latest map[domain.ContractID]domain.Preceding

	months   []openMonth
	invoices []*domain.Invoice
	issued   []issued
	marks    []closed
	waiting  []undocumented
	mails    []domain.Mail
	done     Invoiced
}

// openMonth is a month to invoice, and what became of it the last time.
type openMonth struct {
	month
	State  string
	Detail string
}

// issued is an invoice as it is stored.
type issued struct {
	Contract domain.ContractID
	Period   domain.Date
	Seller   domain.SellerID
	N        int64
	Number   string
	Type     int64
	Currency domain.Currency
	IssuedOn domain.Date
	DueOn    domain.Date
	Net      decimal.Decimal
	VATTotal decimal.Decimal
	Total    decimal.Decimal
	Lines    int64
	Content  []byte
}

// closed is what became of a month; what it waits for, if for a rate.
type closed struct {
	Contract domain.ContractID
	Period   domain.Date
	State    string
	Detail   string
	Country  domain.Country
	RateOn   domain.Date
	ClosedAt *time.Time
}

func (c closed) sentence() string {
	return fmt.Sprintf("%s of contract %s: %s", domain.Period(c.Period), c.Contract, c.Detail)
}

// undocumented is an invoice whose documents are still to be made, with the mails that wait for them.
type undocumented struct {
	Contract domain.ContractID
	Period   domain.Date
	MailNo   int64
	MailFrom int64
	MailTo   int64
}

// invoicePage makes the invoices of some months, with their numbers, what they
// charge, and the mails that wait for their documents: all of it, or nothing.
func (s *Store) invoicePage(ctx context.Context, seller domain.SellerID, months []month) (Invoiced, error) {
	p := &invoicePage{seller: seller, latest: map[domain.ContractID]domain.Preceding{}}
	err := pgx.BeginTxFunc(ctx, s.commands, s.begin, func(tx pgx.Tx) error {
		if err := p.open(ctx, tx, months); err != nil || len(p.months) == 0 {
			return err
		}
		open := make([]month, len(p.months))
		for i, m := range p.months {
			open[i] = m.month
		}
		facts, err := readFacts(ctx, tx, open)
		if err != nil {
			return err
		}
		drafts := make([]draft, len(facts))
		if err := onAllProcessors(len(facts), func(i int) error { drafts[i] = makeDraft(facts[i]); return nil }); err != nil {
			return err
		}
		for i, m := range p.months {
			p.close(m, facts[i].Contract, facts[i].Parties.Seller, drafts[i])
		}
		if err := onAllProcessors(len(p.issued), p.write); err != nil {
			return err
		}
		return p.save(ctx, tx)
	})
	return p.done, err
}

// open takes the seller's numbers and finds which months nobody has invoiced meanwhile.
func (p *invoicePage) open(ctx context.Context, tx pgx.Tx, months []month) error {
	if err := tx.QueryRow(ctx, closeLock, p.seller).Scan(&p.last, &p.now); err != nil {
		return fmt.Errorf("taking the numbers of %s: %w", p.seller, err)
	}
	contracts, periods := monthColumns(months)
	batch := &pgx.Batch{} // after the lock: who had it before may have closed some
	queue(batch, closeAgain, func(m openMonth) { p.months = append(p.months, m) }, contracts, periods)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("looking again for months to invoice: %w", err)
	}
	return nil
}

// draft is an invoice without its number, or why there is none.
type draft struct {
	invoice *domain.Invoice // nil without an obstacle: there is nothing to invoice
	why     obstacle
}

// obstacle is why an invoice cannot be made: the rate it waits for, or a bug.
type obstacle struct {
	detail  string
	country domain.Country
	rateOn  domain.Date
}

// makeDraft computes; a bug in one contract's figures must not hold up the others.
func makeDraft(facts domain.InvoiceFacts) (d draft) {
	defer func() {
		if value := recover(); value != nil {
			d = draft{why: obstacle{detail: fmt.Sprintf("computing failed: %v", value)}}
		}
	}()
	invoice, missing := facts.Invoice()
	if missing != nil {
		return draft{why: obstacle{missing.String(), missing.Country, missing.On}}
	}
	return draft{invoice: invoice}
}

// close gives the draft of a month its number, says why there is none, or that
// there is nothing to invoice.
func (p *invoicePage) close(m openMonth, contract domain.Contract, seller domain.Seller, d draft) {
	mark := closed{Contract: m.Contract, Period: m.Period, State: monthDone, ClosedAt: &p.now}
	switch {
	case d.why.detail != "":
		mark.State, mark.ClosedAt, mark.Detail, mark.Country, mark.RateOn = monthNeedsAttention, nil, d.why.detail, d.why.country, d.why.rateOn
		if mark.Detail != m.Detail {
			p.done.Attention = append(p.done.Attention, mark.sentence())
		}
	case d.invoice == nil:
		p.done.Nothing++
		mark.Detail = "nothing to invoice"
	default:
		p.last++
		i := d.invoice
		i.Finalise(domain.InvoiceNumber(seller.InvoicePrefix, p.last), contract.Today(p.now), contract.PaymentTermsDays)
		if latest, ok := p.latest[m.Contract]; ok && i.Type == domain.TypeCreditNote {
			i.Preceding = &latest // it is not written yet
		}
		p.latest[m.Contract] = domain.Preceding{Number: i.Number, IssuedOn: i.IssuedOn}
		mark.Detail = i.Number
		p.issue(m.month, i, contract.FinanceEmails)
	}
	p.marks = append(p.marks, mark)
}

func (p *invoicePage) issue(m month, i *domain.Invoice, financeEmails []domain.Email) {
	p.invoices = append(p.invoices, i)
	p.issued = append(p.issued, issued{
		Contract: m.Contract, Period: m.Period, Seller: p.seller, N: p.last, Number: i.Number, Type: int64(i.Type), Currency: i.Currency,
		IssuedOn: i.IssuedOn, DueOn: i.DueOn, Net: i.Net, VATTotal: i.VATTotal, Total: i.Total, Lines: int64(len(i.Lines)),
	})
	p.done.Invoices++
	p.done.Lines += len(i.Lines)
	first := int64(len(p.mails) + 1)
	p.mail(i, financeEmails)
	p.waiting = append(p.waiting, undocumented{Contract: m.Contract, Period: m.Period, MailFrom: first, MailTo: int64(len(p.mails))})
}

// write puts an invoice into the form in which it is stored.
func (p *invoicePage) write(n int) (err error) {
	if p.issued[n].Content, err = json.Marshal(p.invoices[n]); err != nil {
		return fmt.Errorf("writing invoice %s: %w", p.invoices[n].Number, err)
	}
	return nil
}

// onAllProcessors does n things, several at a time.
func onAllProcessors(n int, do func(i int) error) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		group.Go(func() error { return do(i) })
	}
	return group.Wait()
}

// save writes everything at once. Numbers are given by one statement, so there
// is none without its invoice.
func (p *invoicePage) save(ctx context.Context, tx pgx.Tx) error {
	batch := &pgx.Batch{}
	if len(p.issued) > 0 {
		if err := p.numberMails(ctx, tx); err != nil {
			return err
		}
		contracts, periods := invoicedMonths(p.issued)
		all(batch, closeInvoices, p.issued)
		batch.Queue(closeNumber, p.seller, p.last)
		batch.Queue(closeCharged, contracts, periods)
		all(batch, saveMail, mailRows(p.mails))
		all(batch, closeUndocumented, p.waiting)
	}
	all(batch, closeMark, p.marks)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("saving %d invoices: %w", len(p.issued), err)
	}
	return nil
}

func invoicedMonths(invoices []issued) (contracts []string, periods []domain.Date) {
	months := make([]month, len(invoices))
	for i, x := range invoices {
		months[i] = month{x.Contract, x.Period}
	}
	return monthColumns(months)
}

func (p *invoicePage) numberMails(ctx context.Context, tx pgx.Tx) error {
	var no int64
	if err := tx.QueryRow(ctx, closeMailNo).Scan(&no); err != nil {
		return fmt.Errorf("numbering mails: %w", err)
	}
	for i := range p.mails {
		p.mails[i].No, p.mails[i].N = no, int64(i+1)
	}
	for i := range p.waiting {
		p.waiting[i].MailNo = no
	}
	return nil
}

// mail tells the contract's finance addresses of an invoice, once each.
func (p *invoicePage) mail(i *domain.Invoice, to []domain.Email) {
	said := mailOf(i)
	once := map[domain.Email]bool{}
	for _, address := range to {
		if once[address] {
			continue
		}
		once[address] = true
		p.mails = append(p.mails, domain.Mail{
			Event: domain.MailInvoiceIssued, Account: domain.AccountID(i.Reseller.ID), Recipient: string(address), Locale: i.Locale,
			Params:    domain.MailParams{Account: i.Reseller.Name, Reseller: i.Reseller.Name, Seller: i.Seller.Name, Invoice: &said},
			CreatedAt: p.now, Cause: fmt.Sprintf("%s:%s:%s", domain.MailInvoiceIssued, i.Contract, domain.Period(i.Month)),
		})
	}
}

func mailOf(i *domain.Invoice) domain.MailInvoice {
	return domain.MailInvoice{
		Number: i.Number, Type: i.Type, Contract: i.Contract, Reseller: i.Reseller.Name, Period: domain.Period(i.Month),
		Net: i.Money(i.Net), VAT: i.Money(i.VATTotal), Total: i.Money(i.Total), Currency: i.Currency, IssuedOn: i.IssuedOn, DueOn: i.DueOn,
	}
}
