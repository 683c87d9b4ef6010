package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	closeSellers = sqlText("close_sellers")
	closePage    = sqlText("close_page")
	closeSeries  = sqlText("close_series")
	closeMark    = sqlText("close_mark")
)

// SellersToInvoice returns the sellers that have sealed months without an
// invoice that could be made, or have not been told what came of their months.
func (s *Store) SellersToInvoice(ctx context.Context) ([]domain.SellerID, error) {
	rows, err := s.commands.Query(ctx, closeSellers)
	if err != nil {
		return nil, fmt.Errorf("looking for months to invoice: %w", err)
	}
	sellers, err := pgx.CollectRows(rows, pgx.RowTo[domain.SellerID])
	if err != nil {
		return nil, fmt.Errorf("looking for months to invoice: %w", err)
	}
	return sellers, nil
}

// Invoiced is what came of the months of a seller.
type Invoiced struct {
	Invoices  int
	Lines     int
	Nothing   int      // months with nothing to invoice
	Attention []string // what could not be made, and why; said once
}

// Some says whether anything came of them.
func (i Invoiced) Some() bool { return i.Invoices+i.Nothing+len(i.Attention) > 0 }

func (i *Invoiced) add(more Invoiced) {
	i.Invoices, i.Lines, i.Nothing = i.Invoices+more.Invoices, i.Lines+more.Lines, i.Nothing+more.Nothing
	i.Attention = append(i.Attention, more.Attention...)
}

// A page is one transaction. So many lines keep memory small, however many
// contracts there are, and are enough to make the commits cheap.
const (
	firstPage    = 16
	largestPage  = 500
	linesPerPage = 5000
)

// InvoiceSeller makes the invoices of a seller's sealed months, in order of the
// instant at which they ended, then contract. One that cannot be made stays due
// and holds up nothing.
func (s *Store) InvoiceSeller(ctx context.Context, seller domain.SellerID) (done Invoiced, err error) {
	if _, err := s.commands.Exec(ctx, closeSeries, seller); err != nil {
		return done, fmt.Errorf("beginning the numbers of %s: %w", seller, err)
	}
	var after pageKey
	for size := firstPage; ; {
		page, err := s.monthsToInvoice(ctx, seller, after, size)
		if err != nil {
			return done, err
		}
		if len(page) == 0 {
			return done, s.tellSeller(ctx, seller)
		}
		after = page[len(page)-1]
		made, err := s.invoiceInHalves(ctx, seller, monthsOf(page))
		done.add(made)
		if err != nil {
			return done, err
		}
		size = min(max(1, size*linesPerPage/max(made.Lines, linesPerPage/2)), largestPage)
	}
}

// pageKey is a month to invoice, where it stands in the order.
type pageKey struct {
	month
	DueAt time.Time
}

func monthsOf(page []pageKey) []month {
	months := make([]month, len(page))
	for i, k := range page {
		months[i] = k.month
	}
	return months
}

func (s *Store) monthsToInvoice(ctx context.Context, seller domain.SellerID, after pageKey, limit int) ([]pageKey, error) {
	rows, err := s.commands.Query(ctx, closePage, seller, after.DueAt, after.Contract, limit)
	if err != nil {
		return nil, fmt.Errorf("looking for months of %s to invoice: %w", seller, err)
	}
	page, err := pgx.CollectRows(rows, pgx.RowToStructByName[pageKey])
	if err != nil {
		return nil, fmt.Errorf("looking for months of %s to invoice: %w", seller, err)
	}
	return page, nil
}

// invoiceInHalves makes a page of invoices; if that fails, its halves, down to
// the one that fails, which waits for the operator.
func (s *Store) invoiceInHalves(ctx context.Context, seller domain.SellerID, months []month) (Invoiced, error) {
	done, err := s.invoicePage(ctx, seller, months)
	switch {
	case err == nil:
		return done, nil
	case ctx.Err() != nil || Unreachable(err) || Transient(err):
		return Invoiced{}, fmt.Errorf("invoicing %d months of %s: %w", len(months), seller, err)
	case len(months) == 1:
		return s.closingFailed(ctx, months[0], err)
	}
	half := len(months) / 2
	done, err = s.invoiceInHalves(ctx, seller, months[:half])
	if err != nil {
		return done, err
	}
	more, err := s.invoiceInHalves(ctx, seller, months[half:])
	done.add(more)
	return done, err
}

// closingFailed leaves a month to the operator that cannot be read or written.
func (s *Store) closingFailed(ctx context.Context, m month, cause error) (done Invoiced, err error) {
	failed := closed{Contract: m.Contract, Period: m.Period, State: monthNeedsAttention, Detail: strings.ToValidUTF8(cause.Error(), "?")}
	if _, err := s.commands.Exec(ctx, closeMark, columns([]closed{failed})...); err != nil {
		return done, fmt.Errorf("noting that %s of contract %s cannot be invoiced: %w", domain.Period(m.Period), m.Contract, err)
	}
	done.Attention = []string{failed.sentence()}
	return done, nil
}
