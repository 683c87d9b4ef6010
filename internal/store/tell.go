package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	tellPeriods   = sqlText("tell_periods")
	tellTotals    = sqlText("tell_totals")
	tellInvoices  = sqlText("tell_invoices")
	tellAttention = sqlText("tell_attention")
	tellDone      = sqlText("tell_done")
)

// toldOf is how many invoices, and things that need attention, a mail lists.
const toldOf = 50

// tellSeller mails the seller what came of a month, when that is known of all
// its contracts, and again of what could only be made later.
func (s *Store) tellSeller(ctx context.Context, seller domain.SellerID) error {
	err := pgx.BeginTxFunc(ctx, s.commands, s.begin, func(tx pgx.Tx) error {
		var last int64
		var now time.Time
		if err := tx.QueryRow(ctx, closeLock, seller).Scan(&last, &now); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, tellPeriods, seller)
		if err != nil {
			return err
		}
		periods, err := pgx.CollectRows(rows, pgx.RowTo[domain.Date])
		if err != nil {
			return err
		}
		for _, period := range periods {
			if err := tell(ctx, tx, seller, period, now); err != nil {
				return fmt.Errorf("of %s: %w", domain.Period(period), err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("telling %s what came of its months: %w", seller, err)
	}
	return nil
}

func tell(ctx context.Context, tx pgx.Tx, seller domain.SellerID, period domain.Date, now time.Time) error {
	month := domain.MailMonth{Seller: seller, Period: domain.Period(period)}
	var to domain.Seller
	batch := &pgx.Batch{}
	queue(batch, loadSellers, func(s domain.Seller) { to = s }, []string{string(seller)})
	queue(batch, tellTotals, func(t monthTotal) { t.addTo(&month) }, seller, period)
	queue(batch, tellInvoices, func(i toldInvoice) { month.Invoices = append(month.Invoices, i.mail()) }, seller, period, toldOf)
	queue(batch, tellAttention, func(a toldAttention) {
		month.AttentionCount = a.Count
		month.Attention = append(month.Attention, domain.MailAttention{
			Sort: a.Sort, Contract: a.Contract, Country: a.Country, On: a.RateOn, Subscription: a.Subscription,
		})
	}, seller, period, toldOf)
	var no int64
	batch.Queue(closeMailNo).QueryRow(func(row pgx.Row) error { return row.Scan(&no) })
	batch.Queue(tellDone, seller, period)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	if len(month.Invoices)+len(month.Attention) == 0 {
		return nil // nothing happened that finance has to know
	}
	batch = &pgx.Batch{}
	all(batch, saveMail, mailRows([]domain.Mail{{
		No: no, N: 1, Event: domain.MailMonthClosed, Recipient: string(to.FinanceEmail), Locale: "en", CreatedAt: now,
		Params: domain.MailParams{Account: to.Name, Month: &month},
		Cause:  fmt.Sprintf("%s:%s:%s:%d", domain.MailMonthClosed, seller, month.Period, no),
	}}))
	return tx.SendBatch(ctx, batch).Close()
}

type monthTotal struct {
	Currency domain.Currency
	Issued   int64
	Credited int64
	Net      decimal.Decimal
	VAT      decimal.Decimal
	Total    decimal.Decimal
}

func (t monthTotal) addTo(m *domain.MailMonth) {
	money := func(d decimal.Decimal) string { return domain.Money(d, string(t.Currency)) }
	m.Issued, m.Credited = m.Issued+t.Issued, m.Credited+t.Credited
	m.Totals = append(m.Totals, domain.MailTotal{Currency: t.Currency, Net: money(t.Net), VAT: money(t.VAT), Total: money(t.Total)})
}

type toldInvoice struct {
	Number   string
	Type     int64
	Contract domain.ContractID
	Reseller domain.Name
	Period   domain.Date
	Net      decimal.Decimal
	VAT      decimal.Decimal
	Total    decimal.Decimal
	Currency domain.Currency
	IssuedOn domain.Date
	DueOn    domain.Date
}

func (i toldInvoice) mail() domain.MailInvoice {
	money := func(d decimal.Decimal) string { return domain.Money(d, string(i.Currency)) }
	return domain.MailInvoice{
		Number: i.Number, Type: int(i.Type), Contract: i.Contract, Reseller: i.Reseller, Period: domain.Period(i.Period),
		Net: money(i.Net), VAT: money(i.VAT), Total: money(i.Total), Currency: i.Currency, IssuedOn: i.IssuedOn, DueOn: i.DueOn,
	}
}

type toldAttention struct {
	Sort         string
	Contract     domain.ContractID
	Country      domain.Country
	RateOn       domain.Date
	Subscription domain.SubscriptionID
	Count        int64
}
