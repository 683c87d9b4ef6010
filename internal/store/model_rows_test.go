package store_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	pgxdecimal "github.com/jackc/pgx-shopspring-decimal"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/model"
)

func connect(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	check(t, err)
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		pgxdecimal.Register(conn.TypeMap())
		return nil
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	check(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// readers read every table that the model has, as the model writes it.
var readers = map[string]func(*testing.T, *pgxpool.Pool, string) model.Dump{
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

// tables dumps the tables of the database in the order of the model's, whose
// mails it makes alike.
func tables(t *testing.T, pool *pgxpool.Pool, l *model.Ledger) []model.Dump {
	t.Helper()
	for i := range l.Mail {
		l.Mail[i].Cause = ""
	}
	var dumps []model.Dump
	for _, table := range l.Tables() {
		reader, known := readers[table.Name]
		if !known {
			t.Fatalf("no reader for the table %s", table.Name)
		}
		dumps = append(dumps, reader(t, pool, table.Name))
	}
	return dumps
}

// read reads the columns for which a row has fields.
func read[R any](t *testing.T, pool *pgxpool.Pool, table string) model.Dump {
	t.Helper()
	fields := map[string]bool{}
	for i := range reflect.TypeFor[R]().NumField() {
		fields[strings.ToLower(reflect.TypeFor[R]().Field(i).Name)] = true
	}
	result, err := pool.Query(t.Context(), "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1", table)
	check(t, err)
	all, err := pgx.CollectRows(result, pgx.RowTo[string])
	check(t, err)
	var columns []string
	for _, column := range all {
		if fields[strings.ReplaceAll(column, "_", "")] {
			columns = append(columns, column)
		}
	}
	if len(columns) != len(fields) {
		t.Fatalf("table %s has the columns %v for a %s of %d fields", table, columns, reflect.TypeFor[R](), len(fields))
	}
	result, err = pool.Query(t.Context(), fmt.Sprintf("SELECT %s FROM %s", strings.Join(columns, ", "), table))
	check(t, err)
	rows, err := pgx.CollectRows(result, pgx.RowToStructByName[R])
	check(t, err)
	return model.Rows(table, rows)
}
