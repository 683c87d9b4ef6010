package store_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

// closedMonths is a ledger with three closed months: seats, a purchase, a credit note.
func closedMonths(t *testing.T) (*store.Store, *pgxpool.Pool) {
	t.Helper()
	url := testdb.URL(t)
	s, err := store.Open(t.Context(), url)
	check(t, err)
	t.Cleanup(s.Close)
	check(t, s.SetClockMode(t.Context(), true))
	ctx, cancel := context.WithCancel(t.Context())
	batcher := jobs.NewBatcher(s, jobs.DefaultBatchCap, slog.New(slog.DiscardHandler)).RenderWith(notify.Documents)
	done := make(chan struct{})
	go func() { batcher.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	catalog, err := os.ReadFile("../../examples/catalog.ndjson")
	check(t, err)
	const actor = `"actor":"ada@northwind.example"`
	lines := []string{`{"id":"c-0","kind":"clock.advance","body":{"to":"2026-03-02T09:00:00Z"}}`}
	lines = append(lines, strings.Split(strings.TrimSpace(string(catalog)), "\n")...)
	lines = append(lines,
		`{"id":"s","kind":"subscription.start",`+actor+`,"body":{"subscription":"flex","contract":"C-SEATS","account":"acme","product":"pro","plan":"flexible","seats":10,"cap":30}}`,
		`{"id":"p","kind":"license.purchase",`+actor+`,"body":{"contract":"C-DEVICES","account":"acme","product":"gateway","quantity":10}}`,
		`{"id":"c-1","kind":"clock.advance","body":{"to":"2026-04-20T10:00:00Z"}}`,
		`{"id":"a","kind":"seats.change",`+actor+`,"body":{"subscription":"flex","delta":10}}`,
		`{"id":"c-2","kind":"clock.advance","body":{"to":"2026-05-03T10:00:00Z"}}`,
		`{"id":"c","kind":"charge.correct","body":{"contract":"C-SEATS","account":"acme","product":"pro","period":"2026-04","amount":"-900.00","why":"promised"}}`,
		`{"id":"c-3","kind":"clock.advance","body":{"to":"2026-06-15T10:00:00Z"}}`,
	)
	for _, line := range lines {
		c, problems := jobs.Parse([]byte(line))
		if len(problems) > 0 {
			t.Fatal(line, problems)
		}
		receipts, err := s.Accept(t.Context(), []store.Instruction{{Source: c.Source, ID: c.ID, Kind: c.Kind, Actor: string(c.Actor), Body: c.Body, Hash: []byte{1}}}, false)
		check(t, err)
		check(t, batcher.Do(t.Context(), []int64{receipts[0].Seq}))
		outcomes, err := s.Outcomes(t.Context(), []int64{receipts[0].Seq})
		check(t, err)
		if len(outcomes) != 1 || outcomes[0].Status != domain.Applied {
			t.Fatalf("%s: %+v", line, outcomes)
		}
	}
	return s, connect(t, url)
}

func discrepancies(t *testing.T, s *store.Store) (found []string) {
	t.Helper()
	check(t, s.Check(t.Context(), func(d string) { found = append(found, d) }))
	return found
}

// TestWhatWasIssuedIsTheSameAgain: the same facts give the same bytes, also later.
func TestWhatWasIssuedIsTheSameAgain(t *testing.T) {
	t.Parallel()
	s, pool := closedMonths(t)
	type document struct {
		Contract domain.ContractID
		Period   domain.Date
		Number   string
		IssuedOn domain.Date
		JSON     []byte
		CSV      []byte
	}
	rows, err := pool.Query(t.Context(), `SELECT contract, period, number, issued_on, j.content, c.content FROM invoices
		JOIN documents AS j USING (contract, period) JOIN documents AS c USING (contract, period)
		WHERE j.format = 'json' AND c.format = 'csv' ORDER BY n`)
	check(t, err)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[document])
	check(t, err)
	if len(all) != 4 {
		t.Errorf("%d invoices, want 4", len(all))
	}
	for _, d := range all {
		asJSON, asCSV, err := s.InvoiceAgain(t.Context(), d.Contract, d.Period, d.Number, d.IssuedOn)
		check(t, err)
		if !bytes.Equal(asJSON, d.JSON) || !bytes.Equal(asCSV, d.CSV) {
			t.Errorf("%s was\n%s\n%s\nand is\n%s\n%s", d.Number, d.JSON, d.CSV, asJSON, asCSV)
		}
	}
}

// TestWhatWasIssuedStays: nothing final can be changed or removed.
func TestWhatWasIssuedStays(t *testing.T) {
	t.Parallel()
	s, pool := closedMonths(t)
	for _, table := range []string{"invoices", "documents", "invoiced_charges", "contract_prices", "term_prices"} {
		column := map[string]string{"contract_prices": "no", "term_prices": "no"}[table]
		if column == "" {
			column = "period"
		}
		for _, sql := range []string{
			"UPDATE " + table + " SET " + column + " = " + column, "DELETE FROM " + table, "TRUNCATE " + table,
		} {
			if _, err := pool.Exec(t.Context(), sql); err == nil {
				t.Errorf("%s: it was done", sql)
			}
		}
	}
	if found := discrepancies(t, s); len(found) > 0 {
		t.Errorf("discrepancies: %q", found)
	}
}

// TestTheCheckFindsWhatIsWrongWithInvoices harms the ledger behind its back.
func TestTheCheckFindsWhatIsWrongWithInvoices(t *testing.T) {
	t.Parallel()
	s, pool := closedMonths(t)
	url := pool.Config().ConnString()
	conn, err := pgx.Connect(t.Context(), url)
	check(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	_, err = conn.Exec(t.Context(), `SET session_replication_role = replica`)
	check(t, err)
	for _, tc := range []struct{ harm, mend, want string }{
		{
			`CREATE TABLE kept AS SELECT * FROM invoiced_charges; DELETE FROM invoiced_charges WHERE contract = 'C-DEVICES'`,
			`TRUNCATE invoiced_charges; INSERT INTO invoiced_charges SELECT * FROM kept; DROP TABLE kept`, "2026-03 of contract C-DEVICES is closed, but no invoice has it",
		},
		{
			`UPDATE invoiced_charges SET contract = 'C-SEATS' WHERE contract = 'C-DEVICES'`,
			`UPDATE invoiced_charges SET contract = 'C-DEVICES' WHERE period = '2026-03-01'`, "is of 2026-03 of contract C-DEVICES, but on the invoice of another",
		},
		{
			`UPDATE invoiced_charges SET period = '2026-04-01' WHERE contract = 'C-DEVICES'`,
			`UPDATE invoiced_charges SET period = '2026-03-01' WHERE contract = 'C-DEVICES'`, "which does not exist",
		},
		{
			`INSERT INTO invoiced_charges VALUES (-1, 1, 'C-DEVICES', '2026-03-01')`,
			`DELETE FROM invoiced_charges WHERE no = -1`, "charge -1-1: is on an invoice, but does not exist",
		},
		{
			`CREATE TABLE kept AS SELECT * FROM closes; DELETE FROM closes WHERE contract = 'C-NORTH' AND period = '2026-04-01'`,
			`TRUNCATE closes; INSERT INTO closes SELECT * FROM kept; DROP TABLE kept`, "contract C-NORTH: is closed through 2026-05-31, but not listed as closed for 2026-04",
		},
		{
			`UPDATE billing SET sealed_through = '2026-04-30' WHERE contract = 'C-NORTH'`,
			`UPDATE billing SET sealed_through = '2026-05-31' WHERE contract = 'C-NORTH'`, "contract C-NORTH: 2026-05 is listed as closed, but it is open",
		},
		{
			`UPDATE closes SET state = 'needs_attention' WHERE detail = 'LUM-000003'`,
			`UPDATE closes SET state = 'done' WHERE detail = 'LUM-000003'`, "invoice LUM-000003: 2026-04 of contract C-SEATS is needs_attention",
		},
		{
			`UPDATE closes SET detail = 'LUM-000099' WHERE contract = 'C-NORTH' AND period = '2026-03-01'`,
			`UPDATE closes SET detail = 'nothing to invoice' WHERE contract = 'C-NORTH'`, "closed with LUM-000099, but there is no such invoice",
		},
		{
			`UPDATE invoices SET n = 9 WHERE n = 4`, `UPDATE invoices SET n = 4 WHERE n = 9`, "seller lumen: 4 invoices numbered 1 to 9, but 4 numbers given",
		},
		{
			`UPDATE number_series SET last = 5`, `UPDATE number_series SET last = 4`, "4 invoices numbered 1 to 4, but 5 numbers given",
		},
		{
			`UPDATE invoices SET lines = 7 WHERE n = 3`, `UPDATE invoices SET lines = 2 WHERE n = 3`, "invoice LUM-000003: 2 lines by its document, but 7 by its row",
		},
		{
			`CREATE TABLE kept AS SELECT * FROM documents; DELETE FROM documents WHERE format = 'csv' AND contract = 'C-DEVICES'`,
			`TRUNCATE documents; INSERT INTO documents SELECT * FROM kept; DROP TABLE kept`, "invoice LUM-000001: has no csv document",
		},
		{
			`ALTER TABLE documents DROP CONSTRAINT documents_check; CREATE TABLE kept AS SELECT * FROM documents; UPDATE documents SET content = content || '!' WHERE format = 'csv' AND contract = 'C-DEVICES'`,
			`TRUNCATE documents; INSERT INTO documents SELECT * FROM kept; DROP TABLE kept`, "csv document of 2026-03 of contract C-DEVICES: is not what was issued",
		},
	} {
		_, err := conn.Exec(t.Context(), tc.harm)
		check(t, err)
		if found := discrepancies(t, s); !strings.Contains(strings.Join(found, "\n"), tc.want) {
			t.Errorf("%s: found %q, want %q", tc.harm, found, tc.want)
		}
		_, err = conn.Exec(t.Context(), tc.mend)
		check(t, err)
		if found := discrepancies(t, s); len(found) > 0 {
			t.Fatalf("%s, mended by %s: found %q", tc.harm, tc.mend, found)
		}
	}
}
