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
	"github.com/shopspring/decimal"

	"github.com/licenseledger/licenseledger/domain"
)

// Reports stream: a row is read when the one before it has been shown, and
// nothing is kept. The fields of a row, in their order, are what upstreams read.

var (
	reportStock         = sqlText("report_stock")
	reportLicenses      = sqlText("report_licenses")
	reportOrders        = sqlText("report_orders")
	reportSubscriptions = sqlText("report_subscriptions")
	reportDeployments   = sqlText("report_deployments")
	reportHistory       = sqlText("report_history")
	reportSummary       = sqlText("report_summary")
	reportAccounts      = sqlText("report_accounts")
	reportContracts     = sqlText("report_contracts")
	reportLearners      = sqlText("report_learners")
	reportLinks         = sqlText("report_links")
	reportCharges       = sqlText("report_charges")
	reportSeek          = sqlText("report_seek")
	reportSeekAccount   = sqlText("report_seek_account")
	reportSeekCharge    = sqlText("report_seek_charge")
	reportSeekHistory   = sqlText("report_seek_history")
	reportResendMail    = sqlText("report_resend_mail")
)

// Page is a part of a report: at most Limit rows (0: all) after the row with the cursor After.
type Page struct {
	Limit int
	After string
}

func (p Page) limit() *int {
	if p.Limit == 0 {
		return nil
	}
	return &p.Limit
}

// ErrCursor says that a cursor is that of no row of the report.
var ErrCursor = errors.New("is no row of this report")

func badCursor(cursor string) error { return fmt.Errorf("%q %w", cursor, ErrCursor) }

// Instant is a point in time as reports show it: RFC 3339, UTC; the zero value is none.
type Instant struct{ time.Time }

// Scan reads a timestamptz.
func (i *Instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		i.Time = time.Time{}
	case time.Time:
		i.Time = v.UTC()
	default:
		return fmt.Errorf("an instant cannot be read from %T", src)
	}
	return nil
}

func (i Instant) String() string {
	if i.IsZero() {
		return ""
	}
	return i.UTC().Format(time.RFC3339Nano)
}

// MarshalJSON writes null for none.
func (i Instant) MarshalJSON() ([]byte, error) {
	if i.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(i.String())
}

// Money is an amount with its currency's minor digits.
type Money string

// StockRow is a lot.
type StockRow struct {
	Lot         string      `json:"lot"`
	Account     string      `json:"account"`
	Product     string      `json:"product"`
	Contract    string      `json:"contract"`
	Quantity    int64       `json:"quantity"`
	Remaining   int64       `json:"remaining"`
	PurchasedOn domain.Date `json:"purchased_on"`
	ExpiresOn   domain.Date `json:"expires_on"`
	State       string      `json:"state"`
}

// Cursor names the row.
func (r StockRow) Cursor() string { return r.Lot }

// LicenseRow is a batch of licenses.
type LicenseRow struct {
	License   string      `json:"license"`
	Account   string      `json:"account"`
	Product   string      `json:"product"`
	Contract  string      `json:"contract"`
	Quantity  int64       `json:"quantity"`
	Deployed  int64       `json:"deployed"`
	Allocated int64       `json:"allocated"`
	Available int64       `json:"available"`
	StartsOn  domain.Date `json:"starts_on"`
	ExpiresOn domain.Date `json:"expires_on"`
	State     string      `json:"state"`
}

// Cursor names the row.
func (r LicenseRow) Cursor() string { return r.License }

// OrderRow is an order.
type OrderRow struct {
	Order         string  `json:"order"`
	Kind          string  `json:"kind"`
	Contract      string  `json:"contract"`
	Account       string  `json:"account"`
	Product       string  `json:"product"`
	Quantity      int64   `json:"quantity"`
	PurchaseOrder *string `json:"purchase_order"`
	Note          *string `json:"note"`
	State         string  `json:"state"`
	RequestedAt   Instant `json:"requested_at"`
	RequestedBy   *string `json:"requested_by"`
	AssignedAt    Instant `json:"assigned_at"`
}

// Cursor names the row.
func (r OrderRow) Cursor() string { return r.Order }

// SubscriptionRow is a subscription.
type SubscriptionRow struct {
	Subscription string      `json:"subscription"`
	Account      string      `json:"account"`
	Contract     string      `json:"contract"`
	Product      string      `json:"product"`
	Plan         string      `json:"plan"`
	Seats        int64       `json:"seats"`
	Cap          *int64      `json:"cap"`
	TermStartsOn domain.Date `json:"term_starts_on"`
	TermEndsOn   domain.Date `json:"term_ends_on"`
	Renewal      *string     `json:"renewal"`
	RenewalSeats *int64      `json:"renewal_seats"`
	State        string      `json:"state"`
}

// Cursor names the row.
func (r SubscriptionRow) Cursor() string { return r.Subscription }

// DeploymentRow is a deployment.
type DeploymentRow struct {
	Deployment string           `json:"deployment"`
	Name       *string          `json:"name"`
	Account    string           `json:"account"`
	Owner      string           `json:"owner"`
	Items      []DeploymentItem `json:"items"`
	State      string           `json:"state"`
}

// DeploymentItem is licenses that a deployment holds.
type DeploymentItem struct {
	Product  string  `json:"product"`
	Quantity int64   `json:"quantity"`
	License  *string `json:"license"`
}

// Cursor names the row.
func (r DeploymentRow) Cursor() string { return r.Deployment }

// HistoryRow is a command that an account's history shows.
type HistoryRow struct {
	At         Instant `json:"at"`
	Command    string  `json:"command"` // with another source than the default, source~id
	Kind       string  `json:"kind"`
	Actor      *string `json:"actor"`
	OnBehalfOf *string `json:"on_behalf_of"`
	Status     string  `json:"status"`
	Reason     *string `json:"reason"`
	Summary    *string `json:"summary"`
	Note       *string `json:"note"`
	Place      string  `json:"-"`
}

// Cursor names the row: a refused reuse of an id needs more than the id.
func (r HistoryRow) Cursor() string { return r.Place }

// SummaryRow is what an account has of a product, unexpired only.
type SummaryRow struct {
	Product   string `json:"product"`
	Owned     int64  `json:"owned"`
	Available int64  `json:"available"`
	Deployed  int64  `json:"deployed"`
	Allocated int64  `json:"allocated"`
	Stock     int64  `json:"stock"`
}

// Cursor names the row.
func (r SummaryRow) Cursor() string { return r.Product }

// AccountRow is an account.
type AccountRow struct {
	Account string  `json:"account"`
	Kind    string  `json:"kind"`
	Parent  *string `json:"parent"`
	Name    string  `json:"name"`
	Package *string `json:"package"`
	Trial   bool    `json:"trial"`
	Status  string  `json:"status"`
}

// Cursor names the row.
func (r AccountRow) Cursor() string { return r.Account }

// ContractRow is a contract.
type ContractRow struct {
	Contract         string          `json:"contract"`
	Seller           string          `json:"seller"`
	Reseller         string          `json:"reseller"`
	Status           string          `json:"status"`
	StartsOn         domain.Date     `json:"starts_on"`
	EndsOn           domain.Date     `json:"ends_on"`
	Currency         string          `json:"currency"`
	TimeZone         string          `json:"time_zone"`
	CreatePermission []string        `json:"create_permission"`
	Products         []ContractOffer `json:"products"`
}

// ContractOffer is a product that a contract sells.
type ContractOffer struct {
	Product string        `json:"product"`
	Name    string        `json:"name"`
	Package string        `json:"package"`
	Prices  domain.Prices `json:"prices"`
}

// Cursor names the row.
func (r ContractRow) Cursor() string { return r.Contract }

// LearnerRow is a learner with one live allocation, or without any.
type LearnerRow struct {
	Learner   string      `json:"learner"`
	Status    string      `json:"status"`
	Product   *string     `json:"product"`
	License   *string     `json:"license"`
	ExpiresOn domain.Date `json:"expires_on"`
}

// Cursor names the row: a learner may have licenses of several products.
func (r LearnerRow) Cursor() string {
	if r.Product == nil {
		return r.Learner
	}
	return r.Learner + "~" + *r.Product
}

// LinkRow is a link between accounts.
type LinkRow struct {
	Account  string  `json:"account"`
	Source   string  `json:"source"`
	LinkedAt Instant `json:"linked_at"`
}

// Cursor names the row.
func (r LinkRow) Cursor() string { return r.Account + "~" + r.Source }

// ChargeRow is a charge.
type ChargeRow struct {
	Contract    string      `json:"contract"`
	Account     string      `json:"account"`
	Product     *string     `json:"product"`
	Kind        string      `json:"kind"`
	Quantity    int64       `json:"quantity"`
	Amount      Money       `json:"amount"`
	EffectiveOn domain.Date `json:"effective_on"`
	Invoice     *string     `json:"invoice"`
	Place       string      `json:"-"`
}

// Cursor names the row.
func (r ChargeRow) Cursor() string { return r.Place }

// StockReport shows an account's lots, the oldest first.
func (s *Store) StockReport(ctx context.Context, account string, p Page) iter.Seq2[StockRow, error] {
	return byNumber[StockRow](ctx, s, "stock", reportStock, account, p)
}

// LicensesReport shows an account's batches of licenses, the oldest first.
func (s *Store) LicensesReport(ctx context.Context, account string, p Page) iter.Seq2[LicenseRow, error] {
	return byNumber[LicenseRow](ctx, s, "licenses", reportLicenses, account, p)
}

// OrderFilter chooses orders; a zero field does not restrict. From and To are
// days of the contract's time zone, both included.
type OrderFilter struct {
	State         string
	From, To      domain.Date
	PurchaseOrder string
}

// OrdersReport shows an account's orders, the oldest first.
func (s *Store) OrdersReport(ctx context.Context, account string, f OrderFilter, p Page) iter.Seq2[OrderRow, error] {
	return byNumber[OrderRow](ctx, s, "orders", reportOrders, account, p, f.State, f.From, f.To, f.PurchaseOrder)
}

// SubscriptionsReport shows an account's subscriptions, the oldest first.
func (s *Store) SubscriptionsReport(ctx context.Context, account string, p Page) iter.Seq2[SubscriptionRow, error] {
	return byNumber[SubscriptionRow](ctx, s, "subscriptions", reportSubscriptions, account, p)
}

// DeploymentsReport shows the deployments that an account owns or has created, the oldest first.
func (s *Store) DeploymentsReport(ctx context.Context, account string, p Page) iter.Seq2[DeploymentRow, error] {
	return byNumber[DeploymentRow](ctx, s, "deployments", reportDeployments, account, p)
}

// SummaryReport shows what an account has of each product.
func (s *Store) SummaryReport(ctx context.Context, account string, p Page) iter.Seq2[SummaryRow, error] {
	return report[SummaryRow](ctx, s, "the summary", reportSummary, account, p.After, p.limit())
}

// AccountsReport shows an account and what is below it.
func (s *Store) AccountsReport(ctx context.Context, account string, p Page) iter.Seq2[AccountRow, error] {
	parent := ""
	if p.After != "" && p.After != account {
		if err := s.pool.QueryRow(ctx, reportSeekAccount, p.After).Scan(&parent); err != nil {
			return failed[AccountRow](seekError(err, p.After))
		}
	}
	return report[AccountRow](ctx, s, "accounts", reportAccounts, account, parent, p.After, p.limit())
}

// ContractsReport shows the contracts of a reseller; for a customer, those of its reseller.
func (s *Store) ContractsReport(ctx context.Context, account string, p Page) iter.Seq2[ContractRow, error] {
	return report[ContractRow](ctx, s, "contracts", reportContracts, account, p.After, p.limit())
}

// LearnersReport shows an account's learners with what they use.
func (s *Store) LearnersReport(ctx context.Context, account string, p Page) iter.Seq2[LearnerRow, error] {
	learner, product, precise := strings.Cut(p.After, "~")
	if p.After != "" && !precise {
		product = "~" // behind every id: all rows of this learner have been shown
	}
	return report[LearnerRow](ctx, s, "learners", reportLearners, account, learner, product, p.limit())
}

// LinksReport shows the links to and from an account.
func (s *Store) LinksReport(ctx context.Context, account string, p Page) iter.Seq2[LinkRow, error] {
	receiver, source, precise := strings.Cut(p.After, "~")
	if p.After != "" && !precise {
		return failed[LinkRow](badCursor(p.After))
	}
	return report[LinkRow](ctx, s, "links", reportLinks, account, receiver, source, p.limit())
}

// HistoryReport shows what was done and refused, the oldest first (rules 44 and 45).
func (s *Store) HistoryReport(ctx context.Context, account string, p Page) iter.Seq2[HistoryRow, error] {
	var no int64
	if p.After != "" {
		source, id, hash := historyPlace(p.After)
		err := s.pool.QueryRow(ctx, reportSeekHistory, account, source, id, hash).Scan(&no)
		if err != nil {
			return failed[HistoryRow](seekError(err, p.After))
		}
	}
	return report[HistoryRow](ctx, s, "history", reportHistory, account, no, p.limit())
}

// SourceAndID takes apart how reports name a command: id, or source~id.
func SourceAndID(name string) (source, id string) {
	if id, scheduled := strings.CutPrefix(name, domain.ScheduleSource+"~"); scheduled {
		return domain.ScheduleSource, id
	}
	if source, id, both := strings.Cut(name, "~"); both {
		return source, id
	}
	return domain.DefaultSource, name
}

// historyPlace reads a cursor of the history: a command, or source~id~hash for a reuse.
func historyPlace(cursor string) (source, id, hash string) {
	source, id = SourceAndID(cursor)
	if source != domain.ScheduleSource { // those have ids with ~ in them, and are never a reuse
		id, hash, _ = strings.Cut(id, "~")
	}
	return source, id, hash
}

// ChargesReport shows what is owed under a contract, month by month.
func (s *Store) ChargesReport(ctx context.Context, contract string, p Page) iter.Seq2[ChargeRow, error] {
	period, no, n := domain.Date(0), int64(0), int64(0)
	if p.After != "" {
		var err error
		if no, n, err = parseMailID(p.After); err != nil { // charges are numbered like mails
			return failed[ChargeRow](badCursor(p.After))
		}
		if err := s.pool.QueryRow(ctx, reportSeekCharge, contract, no, n).Scan(&period); err != nil {
			return failed[ChargeRow](seekError(err, p.After))
		}
	}
	return each2(ctx, s, "charges", func(row pgx.CollectableRow) (ChargeRow, error) {
		var r ChargeRow
		var no, n int64
		var amount decimal.Decimal
		var currency string
		err := row.Scan(&r.Contract, &r.Account, &r.Product, &r.Kind, &r.Quantity, &amount, &currency, &r.EffectiveOn, &r.Invoice, &no, &n)
		r.Amount, r.Place = Money(domain.Money(amount, currency)), mailID(no, n)
		return r, err
	}, reportCharges, contract, period, no, n, p.limit())
}

// byNumber is a report whose rows stand in the order of their ledger numbers;
// its cursor is the id that a row shows.
func byNumber[R any](ctx context.Context, s *Store, name, sql, account string, p Page, more ...any) iter.Seq2[R, error] {
	var no int64
	if p.After != "" {
		if err := s.pool.QueryRow(ctx, reportSeek, name, p.After, account).Scan(&no); err != nil {
			return failed[R](seekError(err, p.After))
		}
	}
	return report[R](ctx, s, name, sql, append([]any{account, no, p.After, p.limit()}, more...)...)
}

func seekError(err error, cursor string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return badCursor(cursor)
	}
	return fmt.Errorf("looking for %s: %w", cursor, err)
}

func failed[R any](err error) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var none R
		yield(none, err)
	}
}

// report streams rows whose columns are the fields of R in their order.
func report[R any](ctx context.Context, s *Store, name, sql string, args ...any) iter.Seq2[R, error] {
	return each2(ctx, s, name, pgx.RowToStructByPos[R], sql, args...)
}

func each2[R any](ctx context.Context, s *Store, name string, read pgx.RowToFunc[R], sql string, args ...any) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		rows, err := s.pool.Query(ctx, sql, args...)
		if err != nil {
			failed[R](fmt.Errorf("reporting %s: %w", name, err))(yield)
			return
		}
		defer rows.Close()
		for rows.Next() {
			row, err := read(rows)
			if err != nil {
				failed[R](fmt.Errorf("reporting %s: %w", name, err))(yield)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			failed[R](fmt.Errorf("reporting %s: %w", name, err))(yield)
		}
	}
}

// ResendMail has a mail sent again, to another address if one is given. It
// reports the state in which it found the mail; one that is being sent is left
// alone, and none is found if the state is empty.
func (s *Store) ResendMail(ctx context.Context, id, to string) (MailState, error) {
	no, n, err := parseMailID(id)
	if err != nil {
		return "", nil //nolint:nilerr // no mail has such an id
	}
	var before MailState
	err = s.pool.QueryRow(ctx, reportResendMail, no, n, to).Scan(&before)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("having mail %s sent again: %w", id, err)
	}
	return before, nil
}
