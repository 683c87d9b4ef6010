package store

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/internal/testdb"
)

// What a worker says over and over is planned once, often while the ledger is
// empty, and that plan has to do when it is full. So no statement may read a table
// or an index from end to end; the keys in its arguments are how it finds its rows.
func TestStatementsOfWorkersFindTheirRowsByKey(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), testdb.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	// Queues are empty now and then, and known to be.
	if _, err := s.pool.Exec(t.Context(), "VACUUM ANALYZE pending, undocumented"); err != nil {
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
	leading := leadingColumns(t, s)
	looked := 0
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".sql")
		if !repeated(name) || wholeTables[name] {
			continue
		}
		looked++
		for _, scan := range leading.unkeyed(plan(t, conn.Conn(), name), false) {
			t.Errorf("%s reads %s", name, scan)
		}
	}
	if looked < 80 {
		t.Errorf("only %d statements were looked at", looked)
	}
}

func repeated(name string) bool {
	for _, prefix := range []string{
		"batch_", "close_", "document_", "due_", "event_", "fact_", "insert_", "journal_", "load_", "lock_",
		"mail_claim", "mail_mark", "mail_release", "mail_renew", "pending_", "save_", "tell_", "webhook_claim", "webhook_mark",
	} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// wholeTables are statements that mean all of a table, or end at the first rows.
var wholeTables = map[string]bool{
	"batch_clock":       true, // the first command
	"close_sellers":     true, // indexes of months that are open
	"document_open":     true,
	"document_patience": true, // no table: a setting
	"due_next":          true, // the first of each index
	"due_waiting":       true, // what waits, in its order
	"pending_count":     true,
	"save_erasing":      true, // no table: a setting
}

// small are tables that stay so, and their indexes.
var small = map[any]bool{"clock": true, "ledger": true, "restores": true, "taxes": true, "taxes_pkey": true, "webhooks": true}

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

// indexes are the columns by which they are sorted first.
type indexes map[string]string

func leadingColumns(t *testing.T, s *Store) indexes {
	t.Helper()
	rows, err := s.pool.Query(t.Context(), "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid, 1, true) FROM pg_index")
	if err != nil {
		t.Fatal(err)
	}
	leading := indexes{}
	var index, column string
	if _, err := pgx.ForEachRow(rows, []any{&index, &column}, func() error { leading[index] = column; return nil }); err != nil {
		t.Fatal(err)
	}
	return leading
}

// unkeyed are the scans of a plan that do not find their rows by key: a condition
// on the second column of an index alone reads all of it. A scan that is repeated
// for each row of another must not look for a whole list each time.
func (i indexes) unkeyed(node map[string]any, repeated bool) (scans []string) {
	condition, _ := node["Index Cond"].(string)
	index, _ := node["Index Name"].(string)
	switch node["Node Type"] {
	case "Seq Scan":
		if !small[node["Relation Name"]] {
			scans = append(scans, fmt.Sprint(node["Relation Name"], ", from end to end"))
		}
	case "Index Scan", "Index Only Scan", "Bitmap Index Scan":
		if !small[node["Index Name"]] && !regexp.MustCompile(`\W`+regexp.QuoteMeta(i[index])+`\W`).MatchString(condition) {
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
		scans = append(scans, i.unkeyed(child, repeated || again)...)
	}
	return scans
}
