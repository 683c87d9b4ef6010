package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
)

var (
	consoleHistory    = sqlText("console_history")
	consoleAccount    = sqlText("console_account")
	consoleAccounts   = sqlText("console_accounts")
	consoleUsers      = sqlText("console_users")
	consoleContract   = sqlText("console_contract")
	consoleInvoices   = sqlText("console_invoices")
	consoleInvoicesOf = sqlText("console_invoices_of")
	consoleInvoice    = sqlText("console_invoice")
	consoleDocument   = sqlText("console_document")
	consoleThing      = sqlText("console_thing")
	consoleFind       = sqlText("console_find")
)

// single reads a row by position.
func single[R any](ctx context.Context, s *Store, what, sql string, args ...any) (R, error) {
	found, err := some[R](ctx, s, what, sql, args...)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		var none R
		return none, err
	}
	return found[0], nil
}

// Account reads an account.
func (s *Store) Account(ctx context.Context, id string) (AccountRow, error) {
	return single[AccountRow](ctx, s, "an account", consoleAccount, id)
}

// AccountsBelow are the accounts directly below one; below none are the resellers at the top.
func (s *Store) AccountsBelow(ctx context.Context, parent, after string, limit int) ([]AccountRow, error) {
	return some[AccountRow](ctx, s, "accounts", consoleAccounts, parent, after, limit)
}

// UserRow is a user of an account.
type UserRow struct {
	User    string
	Account string
	Name    string
	Roles   []string
}

// Users are those of an account.
func (s *Store) Users(ctx context.Context, account, after string, limit int) ([]UserRow, error) {
	return some[UserRow](ctx, s, "users", consoleUsers, account, after, limit)
}

// LatestHistory is the report of the history with the newest first, before a place in it.
func (s *Store) LatestHistory(ctx context.Context, account, before string, limit int) ([]HistoryRow, error) {
	no := int64(math.MaxInt64)
	if before != "" {
		var err error
		if no, err = placeNumber(before); err != nil {
			return nil, err
		}
	}
	return some[HistoryRow](ctx, s, "the latest history", consoleHistory, account, no, limit)
}

// Contract reads a contract.
func (s *Store) Contract(ctx context.Context, id string) (ContractRow, error) {
	return single[ContractRow](ctx, s, "a contract", consoleContract, id)
}

// InvoiceHead is an invoice without its lines.
type InvoiceHead struct {
	Number   string
	Type     int64
	Seller   string
	Contract string
	Reseller string
	Period   domain.Date // the first of its month
	N        int64
	Currency string
	IssuedOn domain.Date
	DueOn    domain.Date
	Net      decimal.Decimal
	VATTotal decimal.Decimal
	Total    decimal.Decimal
	Lines    int64
}

// Cursor names the row.
func (r InvoiceHead) Cursor() string { return fmt.Sprintf("%s~%d~%s", r.Period, r.N, r.Seller) }

// InvoiceFilter chooses invoices: all, or those of a reseller or under a contract.
type InvoiceFilter struct {
	Reseller string
	Contract string
	Before   string // Cursor of the last row of the page before, or a month to begin with as YYYY-MM-DD of the day after
	Limit    int
}

// LatestInvoices are invoices, the newest first.
func (s *Store) LatestInvoices(ctx context.Context, f InvoiceFilter) ([]InvoiceHead, error) {
	period, seller, n := domain.Date(0), "", int64(0)
	if f.Before != "" {
		parts := append(strings.SplitN(f.Before, "~", 3), "0", "")
		var errDate, errN error
		period, errDate = domain.ParseDate(parts[0])
		n, errN = placeNumber(parts[1])
		seller = parts[2]
		if errDate != nil || errN != nil {
			return nil, badCursor(f.Before)
		}
	}
	if f.Reseller == "" && f.Contract == "" {
		return some[InvoiceHead](ctx, s, "the latest invoices", consoleInvoices, period, seller, n, f.Limit)
	}
	return some[InvoiceHead](ctx, s, "the latest invoices", consoleInvoicesOf, period, seller, n, f.Limit, f.Reseller, f.Contract)
}

// FileRow is an invoice in a format.
type FileRow struct {
	Format string `json:"format"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// InvoiceWhole is an invoice with its files, and with its parts if it has no
// more lines than asked for.
type InvoiceWhole struct {
	InvoiceHead
	Files []FileRow
	Parts *InvoiceRow
}

// Invoice reads the invoice of a month, with its parts if there are at most so many lines.
func (s *Store) Invoice(ctx context.Context, contract string, period domain.Period, lines int) (InvoiceWhole, error) {
	type row struct {
		InvoiceHead
		Files   []FileRow
		AsJSON  []byte
		Content []byte
	}
	r, err := single[row](ctx, s, "an invoice", consoleInvoice, contract, domain.Date(period), lines)
	whole := InvoiceWhole{InvoiceHead: r.InvoiceHead, Files: r.Files}
	if err != nil || r.AsJSON == nil && r.Content == nil {
		return whole, err
	}
	parts, err := invoiceRow(r.AsJSON, r.Content)
	if err != nil {
		return whole, fmt.Errorf("reading the invoice of %s for %s: %w", contract, period, err)
	}
	whole.Parts = &parts
	return whole, nil
}

// DocumentOf returns the invoice of a month in a format, as it was made, and its number.
func (s *Store) DocumentOf(ctx context.Context, contract string, period domain.Period, format string) (number string, content []byte, err error) {
	err = s.pool.QueryRow(ctx, consoleDocument, contract, domain.Date(period), format).Scan(&number, &content)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil, ErrNotFound
	}
	if err != nil {
		return "", nil, fmt.Errorf("reading the invoice of %s for %s as %s: %w", contract, period, format, err)
	}
	return number, content, nil
}

// ThingRow is what is known of something that has an id of its own.
type ThingRow struct {
	Account  string
	Contract string
	No       int64 // of the command that made it
	Fields   json.RawMessage
}

// Thing reads a lot, license, order, subscription or deployment.
func (s *Store) Thing(ctx context.Context, sort, id string) (ThingRow, error) {
	return single[ThingRow](ctx, s, "a "+sort, consoleThing, sort, id)
}

// FoundRow is something whose id begins as asked for.
type FoundRow struct {
	Sort  string
	ID    string
	Of    string // its account, or what else tells it from others
	Exact bool
}

// Search finds what has an id that begins as given, a few of each sort. With a ~
// the id may be that of a command behind its source.
func (s *Store) Search(ctx context.Context, id string, each int) ([]FoundRow, error) {
	const behindAll = "\U0010FFFF"
	source, command := SourceAndID(id)
	no, n, err := parseMailID(id)
	if err != nil {
		no, n = -1, -1
	}
	return some[FoundRow](ctx, s, "what was searched", consoleFind, id, id+behindAll, source, command, each, no, n)
}

// placeNumber reads a number out of a cursor.
func placeNumber(place string) (int64, error) {
	no, err := strconv.ParseInt(place, 10, 64)
	if err != nil {
		return 0, badCursor(place)
	}
	return no, nil
}
