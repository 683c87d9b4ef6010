package migrations_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/licenseledger/licenseledger/internal/testdb"
)

var update = flag.Bool("update", false, "write schema.sql anew")

func TestMain(m *testing.M) { testdb.Main(m) }

const schemaHead = `-- The schema after all migrations, for readers. Written by "make schema".

`

func TestSchemaIsFresh(t *testing.T) {
	const file = "schema.sql"
	got := schemaHead + dump(t)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s is stale; run make schema. The file (-) and the migrations (+):\n%s", file, diff)
	}
}

// dump is the schema of a freshly migrated database as pg_dump writes it.
func dump(t *testing.T) string {
	t.Helper()
	var bin string // of the server that runs, for there may be several versions
	err := testdb.New(t).QueryRow(t.Context(), "select setting from pg_config where name = 'BINDIR'").Scan(&bin)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "pg_dump"),
		"--schema-only", "--no-owner", "--no-privileges", "--exclude-table=goose_db_version*", testdb.URL(t))
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return tidy(string(out))
}

var (
	// chatter is what depends on the version of pg_dump, or says nothing.
	chatter    = regexp.MustCompile(`(?m)^(--|SET |SELECT pg_catalog\.set_config|\\).*\n`)
	blankLines = regexp.MustCompile(`\n{2,}`)
)

func tidy(dump string) string {
	dump = chatter.ReplaceAllString(dump, "")
	dump = strings.ReplaceAll(dump, "public.", "")
	return strings.TrimSpace(blankLines.ReplaceAllString(dump, "\n\n")) + "\n"
}
