package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/internal/testdb"
)

// Statements for commands are planned once, often while the ledger is empty, and
// that plan has to do when it is full. So none may read a table or an index from
// end to end; the lists of keys in its arguments are how it finds its rows.
func TestStatementsForCommandsFindTheirRowsByKey(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), testdb.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	if _, err := s.pool.Exec(t.Context(), "VACUUM ANALYZE pending"); err != nil {
		t.Fatal(err)
	}
	conn, err := s.commands.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Release)
	files, err := sqlFiles.ReadDir("sql")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".sql")
		if !forCommands(name) || wholeTables[name] {
			continue
		}
		looked++
		for _, scan := range unkeyed(plan(t, conn.Conn(), name), false) {
			t.Errorf("%s reads %s", name, scan)
		}
	}
	if looked < 40 {
		t.Errorf("only %d statements were looked at", looked)
	}
}

func forCommands(name string) bool {
	for _, prefix := range []string{"batch_", "insert_", "journal_", "load_", "lock_", "mail_mark", "mail_release", "mail_renew", "pending_", "save_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// wholeTables are statements that mean all of a table, and run seldom or on a small one.
var wholeTables = map[string]bool{
	"batch_clock":   true, // one row
	"load_taxes":    true,
	"pending_count": true,
	"save_clock":    true, // one row
	"save_erasing":  true, // no table: a setting
}

// plan is the plan that is made once for any arguments.
func plan(t *testing.T, conn *pgx.Conn, name string) map[string]any {
	t.Helper()
	prepared, err := conn.Prepare(t.Context(), name, sqlText(name))
	if err != nil {
		t.Fatalf("%s: %s", name, err)
	}
	sql := "EXPLAIN (FORMAT JSON) EXECUTE " + name
	if n := len(prepared.ParamOIDs); n > 0 {
		sql += "(" + strings.TrimSuffix(strings.Repeat("NULL,", n), ",") + ")"
	}
	var text []byte
	if err := conn.QueryRow(t.Context(), sql).Scan(&text); err != nil {
		if strings.Contains(err.Error(), "does not return") { // SET and the like have no plan
			return nil
		}
		t.Fatalf("%s: %s", name, err)
	}
	var plans []struct{ Plan map[string]any }
	if err := json.Unmarshal(text, &plans); err != nil {
		t.Fatalf("%s: %s: %s", name, err, text)
	}
	return plans[0].Plan
}

// unkeyed are the scans of a plan that do not find their rows by key. One that is
// repeated for each row of another must not look for a whole list each time.
func unkeyed(node map[string]any, repeated bool) (scans []string) {
	condition, keyed := node["Index Cond"].(string)
	switch node["Node Type"] {
	case "Seq Scan":
		scans = append(scans, fmt.Sprint(node["Relation Name"], ", from end to end"))
	case "Index Scan", "Index Only Scan", "Bitmap Index Scan":
		if !keyed {
			scans = append(scans, fmt.Sprint(node["Index Name"], ", from end to end"))
		}
		if repeated && strings.Contains(condition, "= ANY ($") {
			scans = append(scans, fmt.Sprint(node["Index Name"], ", with the whole list for each row of another"))
		}
	}
	inner, _ := node["Plans"].([]any)
	for _, n := range inner {
		child := n.(map[string]any)
		again := node["Node Type"] == "Nested Loop" && child["Parent Relationship"] == "Inner"
		scans = append(scans, unkeyed(child, repeated || again)...)
	}
	return scans
}
