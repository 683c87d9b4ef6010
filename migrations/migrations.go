// Package migrations holds the schema as numbered SQL files and brings a database up to date.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib" // goose speaks database/sql
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed [0-9]*.sql
var files embed.FS

// ErrPooler says that the way to the database keeps no session locks.
var ErrPooler = errors.New("migrating holds a lock from transaction to transaction, which a pooler loses: " +
	"run `worker migrate` with the address of Postgres itself, and the worker with --no-migrate")

// Up applies what is missing. Any number of processes may call it at once: one
// migrates, the others wait for it. goose polls a try-lock, because waiting
// inside Postgres deadlocks with CREATE INDEX CONCURRENTLY.
func Up(ctx context.Context, databaseURL string) error {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return fmt.Errorf("reading DATABASE_URL: %w", err)
	}
	if config.DefaultQueryExecMode != pgx.QueryExecModeCacheStatement { // what tells of a pooler, see package store
		return ErrPooler
	}
	db, err := open(databaseURL)
	if err != nil {
		return err
	}
	defer db.Close()
	const pollSeconds, polls = 1, 300
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(pollSeconds, polls))
	if err != nil {
		return fmt.Errorf("preparing the migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute)
	defer cancel()
	applied, err := patiently(ctx, provider)
	if err != nil {
		return fmt.Errorf("migrating the database: %w", err)
	}
	if applied == 0 {
		return nil
	}
	if _, err := db.ExecContext(ctx, "CALL grant_rights()"); err != nil {
		return fmt.Errorf("giving the roles their rights: %w", err)
	}
	return nil
}

const (
	// lockTimeout bounds how long a migration waits for a table, because all who
	// come after it wait behind it. A worker's transactions take milliseconds;
	// only a report or a backup holds a table for longer.
	lockTimeout = 2 * time.Second
	// lockPause lets pass what has piled up behind a migration that gave up.
	lockPause = 3 * time.Second
)

// patiently applies what is missing, and begins a migration again that did not
// get its locks in time, until the context ends.
func patiently(ctx context.Context, provider *goose.Provider) (applied int, err error) {
	for {
		results, err := provider.Up(ctx)
		applied += len(results)
		var partial *goose.PartialError
		if errors.As(err, &partial) {
			applied += len(partial.Applied)
		}
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || (refused.Code != lockNotAvailable && refused.Code != deadlock) {
			return applied, err
		}
		slog.Warn("migrating: a table is in use; trying again", "pause", lockPause, "error", err)
		select {
		case <-ctx.Done():
			return applied, err
		case <-time.After(lockPause):
		}
	}
}

const lockNotAvailable, deadlock = "55P03", "40P01"

// open warns of what the migrations warn of.
func open(databaseURL string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("reading DATABASE_URL: %w", err)
	}
	config.RuntimeParams["lock_timeout"] = fmt.Sprint(lockTimeout.Milliseconds())
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		if n.SeverityUnlocalized == "WARNING" {
			slog.Warn("migrating: " + n.Message)
		}
	}
	return stdlib.OpenDB(*config), nil
}
