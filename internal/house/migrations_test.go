package house

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Workers of the version before run on while a migration is applied, and for a
// while after it. So a migration neither takes away what they use nor keeps a
// table for longer than a moment: it adds, and a later version removes.

// beforeTheFirstRelease are migrations that met no running worker.
var beforeTheFirstRelease = []string{"0001_ledger.sql", "0002_schedules.sql", "0003_billing.sql", "0004_documents.sql", "0005_sources.sql"}

// agreed are statements that are needed although they break a rule: the file and
// how the statement begins, and why it may stay.
var agreed = map[string]string{}

func TestMigrationsStopNobody(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, "migrations/[0-9]*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatal("no migrations", err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if slices.Contains(beforeTheFirstRelease, name) {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for statement, why := range dangers(string(text)) {
			if !isAgreed(name, statement) {
				t.Errorf("%s: %s\n%.200s", name, why, statement)
			}
		}
	}
}

func isAgreed(file, statement string) bool {
	for begins := range agreed {
		if strings.HasPrefix(file+": "+statement, begins) {
			return true
		}
	}
	return false
}

const waits = "keeps the whole table from its users while it is read or written"

// dangerous statements, by how they look, on tables that were there before.
var dangerous = []struct {
	looks *regexp.Regexp
	why   string
}{
	{regexp.MustCompile(`^DROP (TABLE|VIEW|FUNCTION|PROCEDURE|SEQUENCE|TYPE|DOMAIN|TRIGGER)`), "takes away what the version before may use; remove it in a later version"},
	{regexp.MustCompile(`^ALTER (TABLE|VIEW|SEQUENCE|FUNCTION) .*\bRENAME\b`), "takes away a name that the version before uses"},
	{regexp.MustCompile(`^ALTER TABLE .*\bDROP (COLUMN|CONSTRAINT|IF|[a-z_]+$|[a-z_]+,)`), "takes away what the version before may use; remove it in a later version"},
	{regexp.MustCompile(`^ALTER TABLE .*\bDROP DEFAULT\b`), "breaks the inserts of the version before; remove it in a later version"},
	{regexp.MustCompile(`^ALTER TABLE .*\bALTER (COLUMN )?[a-z_]+ (SET DATA )?TYPE\b`), waits},
	{regexp.MustCompile(`^ALTER TABLE .*\bSET NOT NULL\b`), waits + "; add a CHECK that is NOT VALID, and validate it in a later statement"},
	{regexp.MustCompile(`^ALTER TABLE .*\bADD (COLUMN )?(IF NOT EXISTS )?[a-z_]+ [^,]*DEFAULT [a-z_]+\(`), waits + ": a default that is computed rewrites it"},
	{regexp.MustCompile(`^ALTER TABLE .*\bADD (COLUMN )?[^,]*\b(GENERATED|SERIAL|BIGSERIAL)\b`), waits},
	{regexp.MustCompile(`^ALTER TABLE .*\bADD (COLUMN )?[a-z_]+ [^,]*\b(REFERENCES|UNIQUE|PRIMARY KEY|CHECK)\b`), waits + "; add the constraint NOT VALID, apart"},
	{regexp.MustCompile(`^CREATE TRIGGER`), "changes what the statements of the version before do"},
	{regexp.MustCompile(`^(UPDATE|DELETE FROM|TRUNCATE|LOCK|CLUSTER|VACUUM FULL|REINDEX|REFRESH)\b`), waits + "; do it in small parts, from the worker"},
	{regexp.MustCompile(`^ALTER DOMAIN`), waits},
}

var (
	constraint   = regexp.MustCompile(`^ALTER TABLE .*\bADD (CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\b`)
	addsNotNull  = regexp.MustCompile(`\bADD (COLUMN )?[a-z_]+ [^,]*NOT NULL`)
	index        = regexp.MustCompile(`^CREATE (UNIQUE )?INDEX (CONCURRENTLY )?(IF NOT EXISTS )?([a-z_]+) ON ([a-z_]+)`)
	subject      = regexp.MustCompile(`^(?:ALTER TABLE|UPDATE|DELETE FROM|TRUNCATE|LOCK) (?:IF EXISTS |ONLY )?(?:TABLE )?([a-z_]+)|^CREATE TRIGGER .* ON ([a-z_]+)`)
	createsTable = regexp.MustCompile(`(?m)^CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+)`)
	comment      = regexp.MustCompile(`--.*`)
	body         = regexp.MustCompile(`(?s)\$\$.*?\$\$`)
)

// dangers are the statements of a migration that break a rule, and why.
func dangers(migration string) map[string]string {
	found := map[string]string{}
	fresh := map[string]bool{} // tables of its own are nobody else's yet
	for _, m := range createsTable.FindAllStringSubmatch(migration, -1) {
		fresh[m[1]] = true
	}
	code := body.ReplaceAllString(comment.ReplaceAllString(migration, ""), "''")
	for statement := range strings.SplitSeq(code, ";") {
		statement = strings.Join(strings.Fields(statement), " ")
		if m := subject.FindStringSubmatch(statement); len(m) > 2 && (fresh[m[1]] || fresh[m[2]]) {
			continue
		}
		if why := danger(statement, code, fresh); why != "" {
			found[statement] = why
		}
		if strings.Contains(statement, "CONCURRENTLY") && !strings.Contains(migration, "+goose NO TRANSACTION") {
			found[statement] = "needs -- +goose NO TRANSACTION"
		}
	}
	return found
}

func danger(statement, migration string, fresh map[string]bool) string {
	for _, d := range dangerous {
		if d.looks.MatchString(statement) {
			return d.why
		}
	}
	if constraint.MatchString(statement) && !strings.Contains(statement, "NOT VALID") && !strings.Contains(statement, "USING INDEX") {
		return waits + "; add it NOT VALID, and validate it in a later statement"
	}
	if strings.HasPrefix(statement, "ALTER TABLE") {
		for clause := range strings.SplitSeq(statement, ",") {
			if addsNotNull.MatchString(clause) && !strings.Contains(clause, "DEFAULT") {
				return "breaks the inserts of the version before; give it a default"
			}
		}
	}
	switch m := index.FindStringSubmatch(statement); {
	case len(m) < 6 || fresh[m[5]]:
	case m[2] == "":
		return waits + "; create the index CONCURRENTLY, in a migration of its own"
	case !strings.Contains(migration, "DROP INDEX CONCURRENTLY IF EXISTS "+m[4]):
		return "leaves an invalid index when it is cut off; begin with DROP INDEX CONCURRENTLY IF EXISTS " + m[4]
	}
	return ""
}

func TestDangersAreSeen(t *testing.T) {
	t.Parallel()
	for _, statement := range []string{
		"DROP TABLE lots;",
		"DROP VIEW reuses;",
		"ALTER TABLE reuses RENAME TO refusals;",
		"ALTER TABLE lots RENAME COLUMN remaining TO rest;",
		"ALTER TABLE lots DROP COLUMN no;",
		"ALTER TABLE lots DROP no;",
		"ALTER TABLE lots ALTER no DROP DEFAULT;",
		"ALTER TABLE lots ALTER COLUMN no TYPE numeric;",
		"ALTER TABLE lots ALTER no SET NOT NULL;",
		"ALTER TABLE lots ADD x bigint NOT NULL;",
		"ALTER TABLE lots ADD x bigint DEFAULT 1, ADD y bigint NOT NULL;",
		"ALTER TABLE lots ADD x timestamptz DEFAULT clock_timestamp();",
		"ALTER TABLE lots ADD x bigint GENERATED ALWAYS AS (quantity) STORED;",
		"ALTER TABLE lots ADD x ident REFERENCES accounts;",
		"ALTER TABLE lots ADD CHECK (no > 0);",
		"ALTER TABLE lots\n    ADD CONSTRAINT positive CHECK (no > 0);",
		"CREATE INDEX lots_by_no ON lots (no);",
		"CREATE INDEX CONCURRENTLY lots_by_no ON lots (no);",
		"-- +goose NO TRANSACTION\nCREATE INDEX CONCURRENTLY lots_by_no ON lots (no);",
		"CREATE TRIGGER t BEFORE UPDATE ON lots FOR EACH ROW EXECUTE FUNCTION f();",
		"UPDATE lots SET no = 1;",
		"DELETE FROM lots;",
		"LOCK TABLE lots;",
		"CREATE TABLE other (x bigint); UPDATE lots SET no = 1;",
	} {
		if len(dangers(statement)) != 1 {
			t.Errorf("%d dangers in %s", len(dangers(statement)), statement)
		}
	}
	for _, statement := range []string{
		"CREATE TABLE x (n bigint PRIMARY KEY, m bigint NOT NULL REFERENCES lots);\nCREATE INDEX x_by_m ON x (m);\nINSERT INTO x VALUES (1, 1);\nUPDATE x SET n = 2;\nALTER TABLE x ADD y bigint NOT NULL;",
		"ALTER TABLE lots ADD x bigint;",
		"ALTER TABLE lots ADD x bigint NOT NULL DEFAULT 0, ADD y text NOT NULL DEFAULT '';",
		"ALTER TABLE lots ALTER no DROP NOT NULL;",
		"ALTER TABLE lots ADD CONSTRAINT positive CHECK (no > 0) NOT VALID;\nALTER TABLE lots VALIDATE CONSTRAINT positive;",
		"-- +goose NO TRANSACTION\nDROP INDEX CONCURRENTLY IF EXISTS lots_by_no;\nCREATE INDEX CONCURRENTLY lots_by_no ON lots (no);",
		"CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE sql AS $$ UPDATE lots SET no = 1; DELETE FROM lots $$;",
		"CREATE VIEW v AS SELECT 1; -- DROP TABLE lots;",
	} {
		if found := dangers(statement); len(found) > 0 {
			t.Errorf("%v", found)
		}
	}
}
