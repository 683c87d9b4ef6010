package testdb_test

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/licenseledger/licenseledger/internal/testdb"
)

func TestMain(m *testing.M) { testdb.Main(m) }

func TestEveryTestGetsAMigratedDatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for range 3 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			pool := testdb.New(t)
			var tables int
			err := pool.QueryRow(t.Context(), "select count(*) from pg_tables where schemaname = 'public'").Scan(&tables)
			if err != nil || tables == 0 {
				t.Fatalf("got %d tables, %v; the database is not migrated", tables, err)
			}
			if _, err := pool.Exec(t.Context(), "create table only_here (n int)"); err != nil {
				t.Fatal("another test left its traces:", err)
			}
		})
	}
}

func TestEveryTestGetsAnEmptyRedisDatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for range 3 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			address := testdb.Redis(t)
			if !strings.HasPrefix(address, "unix:/") || !strings.Contains(address, "?db=") {
				t.Fatalf("address is %q, want unix:/path?db=N", address)
			}
			opts, err := redis.ParseURL(address)
			if err != nil {
				t.Fatal(err)
			}
			client := redis.NewClient(opts)
			defer client.Close()
			if n, err := client.Incr(t.Context(), "counter").Result(); err != nil || n != 1 {
				t.Fatalf("got %d, %v; another test left its traces", n, err)
			}
		})
	}
}

func TestSettingsOfTheEnvironmentPlayNoPart(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres://nobody@192.0.2.1/none")
	t.Setenv("PGPORT", "1")
	t.Setenv("PGHOST", "192.0.2.1")
	t.Setenv("PGDATABASE", "none")
	if err := testdb.New(t).Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		testdb.URL(b)
	}
}
