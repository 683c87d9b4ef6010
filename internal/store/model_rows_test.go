package store_test

import (
	"context"
	"testing"

	pgxdecimal "github.com/jackc/pgx-shopspring-decimal"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

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

// tables dumps the tables of the database as the model's.
func tables(t *testing.T, pool *pgxpool.Pool, l *model.Ledger) []model.Dump {
	t.Helper()
	dumps, err := l.ReadTables(t.Context(), pool)
	check(t, err)
	return dumps
}
