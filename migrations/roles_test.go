package migrations_test

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/internal/embedded"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/migrations"
)

// A server of its own: roles are of the whole server, and here there are none yet.
func ownServer(t *testing.T) *embedded.Servers {
	t.Helper()
	dir, err := os.MkdirTemp("", "roles") // t.TempDir is too long for a socket
	check(t, err)
	servers, err := embedded.Start(t.Context(), embedded.Options{Dir: dir, Log: slog.New(slog.DiscardHandler), Throwaway: true})
	check(t, err)
	t.Cleanup(func() {
		check(t, servers.Stop(context.Background()))
		check(t, os.RemoveAll(dir))
	})
	return servers
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The owner of a database need not be able to make roles. An administrator makes
// them later, as often as they like.
func TestMigratingWithoutCreaterole(t *testing.T) {
	servers := ownServer(t)
	admin := connect(t, servers.DatabaseURL)
	exec := func(conn *pgx.Conn, sql string) {
		t.Helper()
		_, err := conn.Exec(t.Context(), sql)
		check(t, err)
	}
	exec(admin, "CREATE ROLE plain LOGIN")
	exec(admin, "CREATE DATABASE plain OWNER plain")
	database := as(t, servers.DatabaseURL, "plain", "plain")
	check(t, migrations.Up(t.Context(), database))
	check(t, migrations.Up(t.Context(), database))
	count := func(sql string) (n int) {
		t.Helper()
		check(t, admin.QueryRow(t.Context(), sql).Scan(&n))
		return n
	}
	const roles = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'licenseledger\\_%'"
	if n := count(roles); n != 0 {
		t.Errorf("%d roles", n)
	}
	for range 2 {
		rolesFile(t, as(t, servers.DatabaseURL, "plain", "licenseledger"))
	}
	if n := count(roles); n != 5 {
		t.Errorf("%d roles", n)
	}
	exec(admin, "CREATE ROLE clerk LOGIN IN ROLE licenseledger_reader")
	clerk := connect(t, as(t, servers.DatabaseURL, "plain", "clerk"))
	exec(clerk, "SELECT * FROM lots")
	if _, err := clerk.Exec(t.Context(), "DELETE FROM pending"); err == nil {
		t.Error("a reader deletes")
	}
}

// An owner of everything from the start: the way that docs/security.md shows.
func TestMigratingAsTheOwnerRole(t *testing.T) {
	servers := ownServer(t)
	admin := connect(t, servers.DatabaseURL)
	rolesFile(t, servers.DatabaseURL)
	for _, sql := range []string{
		"CREATE DATABASE ledger OWNER licenseledger_owner",
		"CREATE ROLE ledger_migrate LOGIN IN ROLE licenseledger_owner",
		"ALTER ROLE ledger_migrate SET role = 'licenseledger_owner'",
		"CREATE ROLE ledger_worker LOGIN IN ROLE licenseledger_worker",
	} {
		_, err := admin.Exec(t.Context(), sql)
		check(t, err)
	}
	check(t, migrations.Up(t.Context(), as(t, servers.DatabaseURL, "ledger", "ledger_migrate")))
	owner := connect(t, as(t, servers.DatabaseURL, "ledger", "ledger_migrate"))
	var others int
	check(t, owner.QueryRow(t.Context(), "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relowner <> 'licenseledger_owner'::regrole").Scan(&others))
	if others != 0 {
		t.Errorf("%d tables and the like belong to somebody else", others)
	}
	worker := connect(t, as(t, servers.DatabaseURL, "ledger", "ledger_worker"))
	_, err := worker.Exec(t.Context(), "UPDATE clock SET test = true")
	check(t, err)
}

// Every table has a reader: nothing new is forgotten.
func TestEveryTableHasItsRights(t *testing.T) {
	var forgotten []string
	err := testdb.New(t).QueryRow(t.Context(), `
		SELECT coalesce(array_agg(relname::text), '{}') FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') AND relname NOT LIKE 'goose%' AND relname NOT IN ('source_keys', 'source_tokens', 'webhook_secrets')
		  AND NOT (has_table_privilege('licenseledger_reader', oid, 'SELECT') AND has_table_privilege('licenseledger_worker', oid, 'SELECT'))`).Scan(&forgotten)
	if err != nil || len(forgotten) > 0 {
		t.Errorf("nobody may read %v: %v", forgotten, err)
	}
}

func rolesFile(t *testing.T, databaseURL string) {
	t.Helper()
	var bin string
	check(t, testdb.New(t).QueryRow(t.Context(), "select setting from pg_config where name = 'BINDIR'").Scan(&bin))
	out, err := exec.CommandContext(t.Context(), filepath.Join(bin, "psql"), "-v", "ON_ERROR_STOP=1", "-d", databaseURL, "-f", "roles.sql").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func connect(t *testing.T, databaseURL string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseURL)
	check(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// as is the address of another database of the server, for another user.
func as(t *testing.T, databaseURL, database, user string) string {
	t.Helper()
	u, err := url.Parse(databaseURL)
	check(t, err)
	u.Path, u.User = "/"+database, url.User(user)
	return u.String()
}
