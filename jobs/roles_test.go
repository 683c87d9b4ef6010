package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

// in is the database as a role sees it.
func (r *rig) in(role string) string { return r.databaseURL + "&role=licenseledger_" + role }

func (r *rig) storeOf(role string) *store.Store {
	r.t.Helper()
	s, err := store.Open(r.t.Context(), r.in(role))
	check(r.t, err)
	r.t.Cleanup(s.Close)
	return s
}

func (r *rig) clientOf(role string) *jobs.Client {
	r.t.Helper()
	client, err := jobs.Connect(r.t.Context(), r.in(role), r.redisURL, r.log)
	check(r.t, err)
	r.t.Cleanup(func() { check(r.t, client.Close()) })
	return client
}

// All stories and a year of invoices, handed over by one role, executed by
// another, read and mailed by the others: the same outcomes as ever.
func TestRolesHaveWhatTheyNeed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	check(t, r.storeOf("worker").SetClockMode(t.Context(), true))
	r.work(r.in("worker"))
	r.client = r.clientOf("ingress")
	r.catalog()
	for _, story := range stories {
		var got bytes.Buffer
		for _, o := range r.file(filepath.Join("../examples", story+".ndjson")) {
			got.Write(mustJSON(t, o))
			got.WriteByte('\n')
		}
		golden(t, filepath.Join("../examples/golden", story+".ndjson"), got.Bytes())
	}
	if n := r.number("SELECT count(*) FROM invoices"); n < 12 {
		t.Errorf("%d invoices", n)
	}
	r.apply(`{"id":"l1","kind":"learner.put","body":{"id":"lea","account":"acme","name":"Lea"}}`, `{"id":"l2","kind":"learner.erase","body":{"id":"lea","account":"acme"}}`)
	if n := r.number("SELECT count(*) FROM commands WHERE id = 'l1' AND body ->> 'name' IS NULL"); n != 1 {
		t.Error("the worker could not erase a name")
	}
	r.client = r.clientOf("ingress")
	key, err := r.storeOf("owner").AddSource(t.Context(), domain.Source{Source: "portal", Account: "northwind"})
	check(t, err)
	keys := keysOf(t, key)
	r.says(
		said{"signed", keys, as("portal", buyLot("1", 10)), "applied"},
		said{"unsigned", nil, as("portal", buyLot("2", 10)), "signature_invalid"},
		said{"a used id", keys, as("portal", buyLot("1", 11)), "id_reused"},
		said{"out of scope under a used id", keys, as("portal", jobs.New("1", "olga@atlas.example", domain.PurchaseStock{Contract: "C-ATLAS", Account: "atlas", Product: "pro", Quantity: 1})), "out_of_scope"})
	r.viaRedis(keys, as("portal", buyLot("3", 10)))
	r.viaRedis(nil, as("portal", buyLot("4", 10)))
	r.becomes("portal", "3", "applied")
	r.becomes("portal", "4", "signature_invalid")

	reader := r.clientOf("reader")
	reader.SignWith(keys)
	if p, err := reader.Preview(t.Context(), as("portal", buyLot("5", 10))); err != nil || p.Would != domain.Applied {
		t.Errorf("a preview: %+v %v", p, err)
	}
	r.readAll(reader.Store())
	r.mailAll(r.storeOf("mailer"))
	r.verify()
}

func (r *rig) readAll(s *store.Store) {
	r.t.Helper()
	ctx := r.t.Context()
	check(r.t, s.Check(ctx, func(d string) { r.t.Error(d) }))
	if n, err := rowsOf(s.StockReport(ctx, "northwind", store.Page{})); n == 0 || err != nil {
		r.t.Errorf("the stock report has %d rows: %v", n, err)
	}
	if n, err := rowsOf(s.HistoryReport(ctx, "northwind", store.Page{})); n == 0 || err != nil {
		r.t.Errorf("the history has %d rows: %v", n, err)
	}
	if n, err := rowsOf(s.MailReport(ctx, store.MailFilter{})); n == 0 || err != nil {
		r.t.Errorf("the report of mails has %d rows: %v", n, err)
	}
	if sources, err := s.Sources(ctx); err == nil {
		r.t.Errorf("a reader lists the keys of sources: %v", sources)
	}
}

func rowsOf[R any](rows iter.Seq2[R, error]) (n int, err error) {
	for _, e := range rows {
		n, err = n+1, errors.Join(err, e)
	}
	return n, err
}

// mailAll sends everything that is to be sent.
func (r *rig) mailAll(s *store.Store) {
	r.t.Helper()
	sender, err := notify.New(s, notify.Settings{SMTPURL: "file:" + r.t.TempDir(), From: "ledger@example.org"}, r.log)
	check(r.t, err)
	ctx, cancel := context.WithCancel(r.t.Context())
	var sending sync.WaitGroup
	sending.Go(func() { sender.Run(ctx) })
	defer sending.Wait()
	defer cancel()
	const left = "SELECT count(*) FROM mail WHERE waits AND next_at < 'infinity'"
	for until := time.Now().Add(20 * time.Second); r.number(left) > 0 && time.Now().Before(until); {
		time.Sleep(20 * time.Millisecond)
	}
	if n := r.number(left); n > 0 || r.number("SELECT count(*) FROM mail WHERE state = 'sent'") == 0 {
		r.t.Errorf("%d mails are not sent", n)
	}
}

// What a role has no need of it may not do: the ledger, outcomes and invoices are
// changed by nobody, keys are seen by nobody.
func TestRolesMayDoNoMore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.addSource("portal", "")
	refused := map[string][]string{
		"ingress": {
			"INSERT INTO commands (source, id, kind, actor, on_behalf_of, preview, body, hash, accepted_at) VALUES ('portal', 'x', 'stock.purchase', '', '', '', '{}', '', now())",
			"SELECT * FROM journal_commands(ARRAY['portal'], ARRAY['x'], ARRAY['stock.purchase'], ARRAY[''], ARRAY[''], ARRAY[''], ARRAY['{}'::bytea], ARRAY[''::bytea], ARRAY['k1'], false)",
			"INSERT INTO pending (seq) VALUES (1)", "DELETE FROM pending", "UPDATE pending SET dead_at = now()",
			"INSERT INTO outcomes (seq, no, status, reason, detail, summary, at) VALUES (1, 1, 'applied', '', '', '', now())",
			"INSERT INTO refusals (source, id, hash, kind, actor, on_behalf_of, at, account, reason, detail) VALUES ('', '', '', '', '', '', now(), '', '', '')",
			"SELECT body FROM commands", "SELECT name FROM accounts", "SELECT roles FROM users", "SELECT products FROM contracts",
			"SELECT * FROM lots", "SELECT * FROM licenses", "SELECT * FROM invoices", "SELECT * FROM mail", "SELECT * FROM history", "SELECT * FROM learners",
			"UPDATE clock SET test = true", "SELECT nextval('ledger_no')",
		},
		"worker": {
			"DELETE FROM commands", "UPDATE commands SET hash = ''", "UPDATE commands SET source = 'x'",
			"DELETE FROM lots", "DELETE FROM accounts", "DELETE FROM mail", "DELETE FROM users",
			"INSERT INTO sources (source, scopes, account) VALUES ('x', '{}', '')", "UPDATE sources SET scopes = '{}'",
			"CREATE TABLE mine ()", "DROP TABLE lots", "ALTER TABLE movements DISABLE TRIGGER ALL", "CALL grant_rights()",
		},
		"mailer": {
			"SELECT * FROM commands", "SELECT * FROM lots", "SELECT * FROM users", "SELECT * FROM learners", "DELETE FROM mail",
			"INSERT INTO mail (no, n, event, account, recipient, name, locale, params, key, created_at) VALUES (1, 1, '', '', '', '', '', '{}', gen_random_uuid(), now())",
			"UPDATE mail SET recipient = 'me@example.org'", "UPDATE mail SET params = '{}'", "UPDATE documents SET content = ''",
			"SELECT accept_commands(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false)",
		},
		"reader": {
			"INSERT INTO pending (seq) VALUES (1)", "UPDATE lots SET remaining = 0", "DELETE FROM mail", "UPDATE clock SET test = true",
			"SELECT accept_commands(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false)",
			"SELECT record_refusal('', '', '', '', '', '', '', '')", "SELECT signature_valid('portal', 'k1', '', '')", "SELECT nextval('ledger_no')",
		},
	}
	for _, role := range []string{"ingress", "worker", "mailer", "reader"} {
		for _, table := range r.texts("SELECT relname::text FROM pg_class JOIN pg_trigger ON tgrelid = pg_class.oid WHERE tgname = 'append_only'") {
			refused[role] = append(refused[role], "DELETE FROM "+table, "TRUNCATE "+table)
			if table != "commands" {
				refused[role] = append(refused[role], fmt.Sprintf("UPDATE %s SET %s = NULL", table, r.texts("SELECT attname::text FROM pg_attribute WHERE attnum = 1 AND attrelid = '" + table + "'::regclass")[0]))
			}
		}
		if role != "worker" { // which signs
			refused[role] = append(refused[role], "SELECT * FROM webhook_secrets")
		}
		refused[role] = append(refused[role], "DELETE FROM webhooks", "SELECT * FROM source_keys", "UPDATE source_keys SET revoked_at = NULL",
			"INSERT INTO source_keys (source, key_id) VALUES ('portal', 'k9')")
	}
	for role, statements := range refused {
		for _, sql := range statements {
			if err := r.try(role, sql); !denied(err) {
				t.Errorf("%s may: %s (%v)", role, sql, err)
			}
		}
	}
	// By trigger as well, for whoever has every right.
	for _, sql := range []string{"DELETE FROM movements", "UPDATE outcomes SET reason = ''", "TRUNCATE invoices", "DELETE FROM refusals", "UPDATE commands SET body = '{}'"} {
		var refusal *pgconn.PgError
		if err := r.try("owner", sql); !errors.As(err, &refusal) || refusal.Code != "23001" {
			t.Errorf("the owner may: %s (%v)", sql, err)
		}
	}
}

// try runs a statement as a role and takes it back.
func (r *rig) try(role, sql string) error {
	r.t.Helper()
	tx, err := r.pool.Begin(r.t.Context())
	check(r.t, err)
	defer func() { check(r.t, tx.Rollback(r.t.Context())) }()
	_, err = tx.Exec(r.t.Context(), "SET LOCAL ROLE "+pgx.Identifier{"licenseledger_" + role}.Sanitize())
	check(r.t, err)
	_, err = tx.Exec(r.t.Context(), sql)
	return err
}

func denied(err error) bool {
	var refusal *pgconn.PgError
	return errors.As(err, &refusal) && refusal.Code == "42501"
}
