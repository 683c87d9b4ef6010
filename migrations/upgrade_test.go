package migrations_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"

	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/migrations"
)

// previousMigration is the last one of the previous version, whose statements
// are in testdata/previous/sql: a copy of its internal/store/sql, and never
// changed. With a release, copy that of the release before and its number.
const previousMigration = 4

// previousDatabase is what the previous version has left.
func previousDatabase(t *testing.T) (databaseURL string) {
	t.Helper()
	u, err := url.Parse(testdb.URL(t))
	check(t, err)
	admin := connect(t, u.String())
	name := strings.TrimPrefix(u.Path, "/") + "_previous"
	_, err = admin.Exec(t.Context(), "CREATE DATABASE "+name)
	check(t, err)
	t.Cleanup(func() {
		_, err := admin.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)")
		check(t, err)
	})
	u.Path = "/" + name
	db, err := sql.Open("pgx", u.String())
	check(t, err)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("."))
	check(t, err)
	_, err = provider.UpTo(t.Context(), previousMigration)
	check(t, err)
	return u.String()
}

// A worker of the previous version runs on while others are upgraded: after the
// migrations each of its statements means what it meant before.
func TestThePreviousVersionRunsOnTheNewSchema(t *testing.T) {
	t.Parallel()
	databaseURL := previousDatabase(t)
	conn := connect(t, databaseURL)
	files, err := filepath.Glob("testdata/previous/sql/*.sql")
	check(t, err)
	if len(files) < 100 {
		t.Fatalf("%d statements", len(files))
	}
	before := map[string][]string{}
	for _, file := range files {
		described, err := describe(t, conn, file)
		if err != nil {
			t.Fatalf("%s is not of migration %d: %v", file, previousMigration, err)
		}
		before[file] = described
	}
	check(t, migrations.Up(t.Context(), databaseURL))
	for _, file := range files {
		after, err := describe(t, conn, file)
		switch {
		case err != nil:
			t.Errorf("the previous version's %s: %v", filepath.Base(file), err)
		case !slices.Equal(before[file], after):
			t.Errorf("the previous version's %s\nwas    %v\nbecame %v", filepath.Base(file), before[file], after)
		}
	}
}

// describe says what a statement takes and returns.
func describe(t *testing.T, conn *pgx.Conn, file string) (described []string, err error) {
	t.Helper()
	text, err := os.ReadFile(file)
	check(t, err)
	s, err := conn.PgConn().Prepare(t.Context(), "", strings.TrimSpace(string(text)), nil)
	if err != nil {
		return nil, err
	}
	for _, oid := range s.ParamOIDs {
		described = append(described, fmt.Sprint(oid))
	}
	for _, field := range s.Fields {
		described = append(described, fmt.Sprintf("%s:%d", field.Name, field.DataTypeOID))
	}
	return described, nil
}

// Preparing shows neither triggers nor columns without a default.
func TestThePreviousVersionRefusesReusedIDs(t *testing.T) {
	t.Parallel()
	databaseURL := previousDatabase(t)
	check(t, migrations.Up(t.Context(), databaseURL))
	conn := connect(t, databaseURL)
	text, err := os.ReadFile("testdata/previous/sql/journal_reuses.sql")
	check(t, err)
	var first, again time.Time
	for _, at := range []*time.Time{&first, &again} {
		check(t, conn.QueryRow(t.Context(), string(text), "shop", "1", []byte("x"), "stock.purchase", "ada@northwind.example", "").Scan(at))
	}
	if !first.Equal(again) {
		t.Errorf("the same was refused at %s and at %s", first, again)
	}
	var reason, detail string
	check(t, conn.QueryRow(t.Context(), "SELECT reason, detail FROM refusals").Scan(&reason, &detail))
	if reason != "id_reused" || detail == "" {
		t.Errorf("refused for %q, %q", reason, detail)
	}
	for _, change := range []string{"UPDATE refusals SET kind = 'x'", "UPDATE reuses SET kind = 'x'", "DELETE FROM refusals", "DELETE FROM reuses", "TRUNCATE refusals"} {
		if _, err := conn.Exec(t.Context(), change); err == nil {
			t.Errorf("%s is possible", change)
		}
	}
}

// A migration that does not get a table lets those pass who came after it.
func TestAMigrationBlocksNobodyForLong(t *testing.T) {
	t.Parallel()
	databaseURL := previousDatabase(t)
	report, watch := connect(t, databaseURL), connect(t, databaseURL)
	tx, err := report.Begin(t.Context())
	check(t, err)
	_, err = tx.Exec(t.Context(), "SELECT FROM reuses LIMIT 1") // as a long report or a backup does
	check(t, err)
	migrated := make(chan error, 1)
	go func() { migrated <- migrations.Up(context.Background(), databaseURL) }()
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		var waiting bool
		check(t, watch.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'reuses'::regclass AND NOT granted)").Scan(&waiting))
		if waiting {
			break
		}
		if time.Now().After(until) {
			t.Fatal("nothing waits for the table")
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := watch.Exec(ctx, "SELECT FROM reuses LIMIT 1"); err != nil {
		t.Errorf("a reader stands behind the migration: %v", err)
	}
	check(t, tx.Rollback(t.Context()))
	check(t, <-migrated)
	if _, err := report.Exec(t.Context(), "SELECT FROM refusals"); err != nil {
		t.Errorf("the migration was not tried again: %v", err)
	}
}
