package model

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/licenseledger/licenseledger/domain"
)

// readers read every table that the model has, as the model writes it.
var readers = map[string]func(context.Context, *pgxpool.Pool, string) (Dump, error){
	"sellers": read[domain.Seller], "taxes": read[domain.Tax], "products": read[domain.Product], "accounts": read[domain.Account],
	"users": read[domain.User], "contracts": read[domain.Contract], "learners": read[domain.Learner], "links": read[domain.Link],
	"lots": read[domain.Lot], "licenses": read[domain.License], "orders": read[domain.Order], "deployments": read[domain.Deployment],
	"allocations": read[domain.Allocation], "subscriptions": read[domain.Subscription],
	"movements": read[domain.Movement], "seat_changes": read[domain.SeatChange], "charges": read[domain.Charge],
	"history": read[domain.HistoryEntry], "outcomes": read[domain.Outcome], "mail": read[mail],
}

// mail is what the table keeps of a mail until it is sent; its cause is in the key alone.
type mail struct {
	No        int64
	N         int64
	Event     string
	Account   domain.AccountID
	Recipient string
	Name      domain.Name
	Locale    domain.Locale
	Params    domain.MailParams
	CreatedAt time.Time
}

// ReadTables dumps the tables of a database in the order of the ledger's, whose
// mails it makes alike. Mails of invoices are not among them: no command causes
// them. The pool must know decimals.
func (l *Ledger) ReadTables(ctx context.Context, pool *pgxpool.Pool) ([]Dump, error) {
	for i := range l.Mail {
		l.Mail[i].Cause = ""
	}
	var dumps []Dump
	for _, table := range l.Tables() {
		reader, known := readers[table.Name]
		if !known {
			return nil, fmt.Errorf("no reader for the table %s", table.Name)
		}
		dump, err := reader(ctx, pool, table.Name)
		if err != nil {
			return nil, fmt.Errorf("reading the table %s: %w", table.Name, err)
		}
		dumps = append(dumps, dump)
	}
	return dumps, nil
}

// read reads the columns for which a row has fields.
func read[R any](ctx context.Context, pool *pgxpool.Pool, table string) (Dump, error) {
	fields := map[string]bool{}
	for i := range reflect.TypeFor[R]().NumField() {
		fields[strings.ToLower(reflect.TypeFor[R]().Field(i).Name)] = true
	}
	result, err := pool.Query(ctx, "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1", table)
	if err != nil {
		return Dump{}, err
	}
	all, err := pgx.CollectRows(result, pgx.RowTo[string])
	if err != nil {
		return Dump{}, err
	}
	columns := slices.DeleteFunc(all, func(column string) bool { return !fields[strings.ReplaceAll(column, "_", "")] })
	if len(columns) != len(fields) {
		return Dump{}, fmt.Errorf("the columns %v for a %s of %d fields", columns, reflect.TypeFor[R](), len(fields))
	}
	where := ""
	if table == "mail" {
		where = " WHERE no IN (SELECT no FROM outcomes)"
	}
	result, err = pool.Query(ctx, fmt.Sprintf("SELECT %s FROM %s%s", strings.Join(columns, ", "), table, where))
	if err != nil {
		return Dump{}, err
	}
	rows, err := pgx.CollectRows(result, pgx.RowToStructByName[R])
	return Rows(table, rows), err
}

// CameEarly says whether a command was refused, or for another reason, because
// what it names by id was being created by a transaction that had not been
// committed, although its number is lower. Upstream could not know of it yet
// either; locks on accounts cannot order the two, because the account is not known.
func (l *Ledger) CameEarly(c domain.Command, o domain.Outcome) bool {
	const near = 200 // numbers are taken shortly before the commit
	if c == nil {
		return false
	}
	names, no := domain.NamesIn(c), int64(0)
	switch o.Reason {
	case domain.OrderNotFound:
		for _, id := range names.Orders {
			no = max(no, l.Orders[id].No)
		}
	case domain.LicenseNotFound:
		for _, id := range names.Licenses {
			no = max(no, l.Licenses[id].No)
		}
	case domain.SubscriptionUnknown:
		for _, id := range names.Subscriptions {
			no = max(no, l.Subscriptions[id].No)
		}
	case domain.DeploymentNotFound:
		for _, id := range names.Deployments {
			no = max(no, l.Deployments[id].No)
		}
	default:
		if slices.Index(domain.Reasons, o.Reason) < slices.Index(domain.Reasons, domain.AlreadyExists) {
			break // that the id is taken would not have been said
		}
		if start, ok := c.(domain.StartSubscription); ok && o.Reason != domain.AlreadyExists {
			no = l.Subscriptions[start.Subscription].No
		}
		if create, ok := c.(domain.CreateDeployment); ok && o.Reason != domain.AlreadyExists {
			no = l.Deployments[create.Deployment].No
		}
	}
	return no > 0 && o.No-no < near
}
