package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	factContracts     = sqlText("fact_contracts")
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

// month is one month of one contract.
type month struct {
	Contract domain.ContractID
	Period   domain.Date
}

func monthColumns(months []month) (contracts []string, periods []domain.Date) {
	for _, m := range months {
		contracts, periods = append(contracts, string(m.Contract)), append(periods, m.Period)
	}
	return contracts, periods
}

// factReader reads what the invoices of some months follow from, all at once:
// two round trips, however many months there are.
type factReader struct {
	byMonth map[month]*domain.InvoiceFacts
	at      map[seatKey]int // where the seats of a subscription are in the facts of the month
	prices  map[domain.ContractID][]domain.ContractPrices
	taxes   []domain.Tax

	products  map[domain.ProductID]domain.Name // what the ids in the facts are called
	customers map[domain.AccountID]domain.Name
}

type seatKey struct {
	subscription domain.SubscriptionID
	month        domain.Date
}

// readFacts returns the facts of the months, in their order.
func readFacts(ctx context.Context, tx pgx.Tx, months []month) ([]domain.InvoiceFacts, error) {
	r := &factReader{
		byMonth: map[month]*domain.InvoiceFacts{}, at: map[seatKey]int{}, prices: map[domain.ContractID][]domain.ContractPrices{},
		products: map[domain.ProductID]domain.Name{}, customers: map[domain.AccountID]domain.Name{},
	}
	facts := make([]domain.InvoiceFacts, len(months))
	for i, m := range months {
		facts[i] = domain.InvoiceFacts{Month: m.Period, Products: r.products, Customers: r.customers}
		r.byMonth[m] = &facts[i]
	}
	batch := &pgx.Batch{}
	r.queueMonths(batch, months)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("reading contracts, seats and charges: %w", err)
	}
	batch = &pgx.Batch{}
	r.queueNames(batch)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("reading parties and names: %w", err)
	}
	for _, f := range r.byMonth {
		f.Taxes = r.taxes
		for i := range f.Seats {
			if s := &f.Seats[i]; s.Subscription.Plan == domain.Flexible {
				s.Prices = flexiblePrices(r.prices[f.Contract.Contract], s.Subscription.Product)
			}
		}
	}
	return facts, nil
}

// queueMonths reads the contracts with their prices, the subscriptions that may
// have had seats in the months, with what changed, and the charges.
func (r *factReader) queueMonths(batch *pgx.Batch, months []month) {
	contracts, periods := monthColumns(months)
	queue(batch, loadContracts, func(c domain.Contract) {
		for _, m := range months {
			if m.Contract == c.Contract {
				r.byMonth[m].Contract = c
			}
		}
	}, contracts)
	queue(batch, factTaxes, func(t domain.Tax) { r.taxes = append(r.taxes, t) })
	queue(batch, factPrices, func(p domain.ContractPrices) { r.prices[p.Contract] = append(r.prices[p.Contract], p) }, contracts)
	type latest struct {
		month
		domain.Preceding
	}
	queue(batch, factLatest, func(l latest) { r.byMonth[l.month].Latest = l.Preceding }, contracts, periods)
	r.queueSeats(batch, contracts, periods)
	queue(batch, factCharges, func(c domain.Charge) {
		f := r.byMonth[month{c.Contract, c.Period}]
		f.Charges = append(f.Charges, c)
		r.mention(c.Product, c.Account)
	}, contracts, periods)
}

func (r *factReader) queueSeats(batch *pgx.Batch, contracts []string, periods []domain.Date) {
	type seats struct {
		Month        domain.Date
		Subscription domain.SubscriptionID
		Contract     domain.ContractID
		Account      domain.AccountID
		Product      domain.ProductID
		Plan         domain.Plan
		Seats        int64
	}
	queue(batch, factSubscriptions, func(x seats) {
		f := r.byMonth[month{x.Contract, x.Month}]
		r.at[seatKey{x.Subscription, x.Month}] = len(f.Seats)
		f.Seats = append(f.Seats, domain.SeatMonth{Before: x.Seats, Subscription: domain.Subscription{
			Subscription: x.Subscription, Contract: x.Contract, Account: x.Account, Product: x.Product, Plan: x.Plan,
		}})
		r.mention(x.Product, x.Account)
	}, contracts, periods)
	type change struct {
		Contract     domain.ContractID
		Month        domain.Date
		Subscription domain.SubscriptionID
		EffectiveAt  time.Time
		EffectiveOn  domain.Date
		Delta        int64
		EndsTerm     bool
	}
	queue(batch, factChanges, func(c change) {
		s := r.seatsOf(c.Contract, c.Month, c.Subscription)
		s.Before -= c.Delta
		if c.EffectiveOn < c.Month.AddMonths(1) {
			s.Changes = append(s.Changes, domain.SeatChange{EffectiveAt: c.EffectiveAt, EffectiveOn: c.EffectiveOn, Delta: c.Delta, EndsTerm: c.EndsTerm})
		}
	}, contracts, periods)
	type price struct {
		Contract domain.ContractID
		Month    domain.Date
		domain.TermPrice
	}
	queue(batch, factTermPrices, func(p price) {
		if s := r.seatsOf(p.Contract, p.Month, p.Subscription); s != nil {
			s.Prices = append(s.Prices, domain.PriceChange{At: p.StartsAt, UnitPrice: p.UnitPrice})
		}
	}, contracts, periods)
}

// seatsOf is nil where a subscription had no seats in the month.
func (r *factReader) seatsOf(contract domain.ContractID, period domain.Date, id domain.SubscriptionID) *domain.SeatMonth {
	at, had := r.at[seatKey{id, period}]
	if !had {
		return nil
	}
	return &r.byMonth[month{contract, period}].Seats[at]
}

func (r *factReader) mention(product domain.ProductID, customer domain.AccountID) {
	r.products[product], r.customers[customer] = "", ""
}

// queueNames reads the parties of the contracts, and what is mentioned is called.
func (r *factReader) queueNames(batch *pgx.Batch) {
	sellers, resellers, products, customers := set[domain.SellerID]{}, set[domain.AccountID]{}, set[domain.ProductID]{}, set[domain.AccountID]{}
	for _, f := range r.byMonth {
		sellers.add(f.Contract.Seller)
		resellers.add(f.Contract.Reseller)
	}
	for id := range r.products {
		products.add(id)
	}
	for id := range r.customers {
		customers.add(id)
	}
	queue(batch, loadSellers, func(s domain.Seller) {
		for _, f := range r.byMonth {
			if f.Contract.Seller == s.Seller {
				f.Parties.Seller = s
			}
		}
	}, sellers.sorted())
	queue(batch, loadAccounts, func(a domain.Account) {
		for _, f := range r.byMonth {
			if f.Contract.Reseller == a.Account {
				f.Parties.Reseller = a
			}
		}
	}, resellers.sorted())
	type named[ID ~string] struct {
		ID   ID
		Name domain.Name
	}
	queue(batch, factProducts, func(n named[domain.ProductID]) { r.products[n.ID] = n.Name }, products.sorted())
	queue(batch, factCustomers, func(n named[domain.AccountID]) { r.customers[n.ID] = n.Name }, customers.sorted())
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
