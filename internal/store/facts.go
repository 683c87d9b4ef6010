package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	factSubscriptions = sqlText("fact_subscriptions")
	factChanges       = sqlText("fact_changes")
	factTermPrices    = sqlText("fact_term_prices")
	factPrices        = sqlText("fact_prices")
	factCharges       = sqlText("fact_charges")
	factTaxes         = sqlText("fact_taxes")
	factProducts      = sqlText("fact_products")
	factCustomers     = sqlText("fact_customers")
	factLatest        = sqlText("fact_latest")
)

// factReader reads what the invoice of a contract for a month follows from.
type factReader struct {
	tx    pgx.Tx
	taxes []domain.Tax // all that are on file, read once
}

func (r *factReader) read(ctx context.Context, contract domain.ContractID, period domain.Date) (domain.InvoiceFacts, error) {
	f := domain.InvoiceFacts{Month: period, Products: map[domain.ProductID]domain.Name{}, Customers: map[domain.AccountID]domain.Name{}}
	if err := r.readParties(ctx, contract, &f); err != nil {
		return f, fmt.Errorf("reading the parties: %w", err)
	}
	if err := r.readSeats(ctx, &f); err != nil {
		return f, fmt.Errorf("reading the seats: %w", err)
	}
	batch := &pgx.Batch{}
	queue(batch, factCharges, func(c domain.Charge) { f.Charges = append(f.Charges, c) }, contract, period)
	if err := r.tx.SendBatch(ctx, batch).Close(); err != nil {
		return f, fmt.Errorf("reading the charges: %w", err)
	}
	return f, r.readNames(ctx, &f)
}

func (r *factReader) readParties(ctx context.Context, contract domain.ContractID, f *domain.InvoiceFacts) error {
	ids := []string{string(contract)}
	batch := &pgx.Batch{}
	queue(batch, loadContracts, func(c domain.Contract) { f.Contract = c }, ids)
	batch.Queue(factLatest, contract, f.Month).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&f.Latest.Number, &f.Latest.IssuedOn}, func() error { return nil })
		return err
	})
	if r.taxes == nil {
		queue(batch, factTaxes, func(t domain.Tax) { r.taxes = append(r.taxes, t) })
	}
	if err := r.tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	f.Taxes = r.taxes
	batch = &pgx.Batch{}
	queue(batch, loadSellers, func(s domain.Seller) { f.Seller = s }, []string{string(f.Contract.Seller)})
	queue(batch, loadAccounts, func(a domain.Account) {
		if a.Account == f.Contract.Reseller {
			f.Reseller = a
		}
	}, []string{string(f.Contract.Reseller)})
	return r.tx.SendBatch(ctx, batch).Close()
}

// readSeats reads the subscriptions that had seats in the month, with what
// changed in it and the prices.
func (r *factReader) readSeats(ctx context.Context, f *domain.InvoiceFacts) error {
	type seats struct {
		domain.Subscription
		Before int64
	}
	at := map[domain.SubscriptionID]int{}
	var ids []string
	last := f.Month.AddMonths(1) - 1
	batch := &pgx.Batch{}
	queue(batch, factSubscriptions, func(x seats) {
		at[x.Subscription.Subscription] = len(f.Seats)
		ids = append(ids, string(x.Subscription.Subscription))
		f.Seats = append(f.Seats, domain.SeatMonth{Subscription: x.Subscription, Before: x.Before})
	}, f.Contract.Contract, f.Month, last)
	if err := r.tx.SendBatch(ctx, batch).Close(); err != nil || len(ids) == 0 {
		return err
	}
	var versions []domain.ContractPrices
	batch = &pgx.Batch{}
	queue(batch, factChanges, func(c domain.SeatChange) {
		m := &f.Seats[at[c.Subscription]]
		m.Changes = append(m.Changes, c)
	}, ids, f.Month, last)
	queue(batch, factTermPrices, func(p domain.TermPrice) {
		m := &f.Seats[at[p.Subscription]]
		m.Prices = append(m.Prices, domain.PriceChange{At: p.StartsAt, UnitPrice: p.UnitPrice})
	}, ids)
	queue(batch, factPrices, func(p domain.ContractPrices) { versions = append(versions, p) }, f.Contract.Contract, monthEnd(f))
	if err := r.tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	for i := range f.Seats {
		if f.Seats[i].Subscription.Plan == domain.Flexible {
			f.Seats[i].Prices = flexiblePrices(versions, f.Seats[i].Subscription.Product)
		}
	}
	return nil
}

func monthEnd(f *domain.InvoiceFacts) time.Time {
	return f.Month.AddMonths(1).StartIn(f.Contract.Zone())
}

// flexiblePrices is the price of a seat and month over time. A price that was
// withdrawn goes on for the seats there are.
func flexiblePrices(versions []domain.ContractPrices, product domain.ProductID) []domain.PriceChange {
	var prices []domain.PriceChange
	for _, v := range versions {
		for _, p := range v.Products {
			if p.Product == product && p.Prices.Flexible != nil {
				prices = append(prices, domain.PriceChange{At: v.At, UnitPrice: *p.Prices.Flexible})
			}
		}
	}
	return prices
}

func (r *factReader) readNames(ctx context.Context, f *domain.InvoiceFacts) error {
	products, customers := set[domain.ProductID]{}, set[domain.AccountID]{}
	for _, m := range f.Seats {
		products.add(m.Subscription.Product)
		customers.add(m.Subscription.Account)
	}
	for _, c := range f.Charges {
		products.add(c.Product)
		customers.add(c.Account)
	}
	type named[ID ~string] struct {
		ID   ID
		Name domain.Name
	}
	batch := &pgx.Batch{}
	queue(batch, factProducts, func(n named[domain.ProductID]) { f.Products[n.ID] = n.Name }, products.sorted())
	queue(batch, factCustomers, func(n named[domain.AccountID]) { f.Customers[n.ID] = n.Name }, customers.sorted())
	if err := r.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("reading the names of products and customers: %w", err)
	}
	return nil
}
