package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

// ledger is a database with Redis, and a worker if one was started.
type ledger struct {
	t                     *testing.T
	databaseURL, redisURL string
	store                 *store.Store
}

func newLedger(t *testing.T) *ledger {
	t.Helper()
	l := &ledger{t: t, databaseURL: testdb.URL(t), redisURL: testdb.Redis(t)}
	var err error
	l.store, err = store.Open(t.Context(), l.databaseURL)
	check(t, err)
	t.Cleanup(l.store.Close)
	check(t, l.store.SetClockMode(t.Context(), true))
	return l
}

func (l *ledger) startWorker() {
	l.t.Helper()
	log := slog.New(slog.NewTextHandler(l.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	redis, err := jobs.OpenRedis(l.redisURL)
	check(l.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	batcher := jobs.NewBatcher(l.store, jobs.DefaultBatchCap, log).RenderWith(notify.Documents)
	server := jobs.NewServer(redis, batcher, log)
	done := make(chan struct{})
	go func() { batcher.Run(ctx); close(done) }()
	check(l.t, server.Start())
	l.t.Cleanup(func() {
		server.Shutdown()
		cancel()
		<-done
		check(l.t, redis.Close())
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (l *ledger) enqueue(in string, args ...string) (code int, out, errs string) {
	l.t.Helper()
	return enqueue(l.t, in, append(args, "--database-url", l.databaseURL, "--redis-url", l.redisURL)...)
}

// show returns a report as JSON.
func (l *ledger) show(args string) []map[string]any {
	l.t.Helper()
	code, out, errs := l.enqueue("", append([]string{"show"}, strings.Fields(args+" --json")...)...)
	var rows []map[string]any
	if err := json.Unmarshal([]byte(out), &rows); err != nil || code != 0 || errs != "" || rows == nil {
		l.t.Fatalf("show %s: exit %d, %s, %s, %v", args, code, errs, out, err)
	}
	return rows
}

const address = `"address":{"line1":"3 Quay Street","city":"Galway","postal_code":"H91","country":"IE"}`

const catalog = `{"id":"c1","kind":"seller.put","body":{"id":"lumen","name":"Lumen",` + address + `,"currency":"EUR","email":"a@lumen.example","finance_email":"f@lumen.example","invoice_prefix":"L-"}}
{"id":"c2","kind":"product.put","body":{"id":"pro","name":"Professional","package":"professional"}}
{"id":"c3","kind":"account.put","body":{"id":"northwind","kind":"reseller","name":"Northwind & Söhne",` + address + `}}
{"id":"c4","kind":"account.put","body":{"id":"acme","kind":"customer","parent":"northwind","name":"Acme",` + address + `,"package":"professional"}}
{"id":"c5","kind":"user.put","body":{"id":"ada@northwind.example","account":"northwind","name":"Ada","roles":["manager","sales"]}}
{"id":"c6","kind":"user.put","body":{"id":"mia@acme.example","account":"acme","name":"Mia","roles":["manager"]}}
{"id":"c7","kind":"contract.put","body":{"id":"C-1","seller":"lumen","reseller":"northwind","starts_on":"2020-01-01","currency":"EUR","time_zone":"Europe/Berlin","finance_emails":["f@northwind.example"],"create_permission":["ada@northwind.example"],"products":[{"product":"pro","prices":{"term":"120.00"}}]}}
`

const buying = `{"id":"po-1","kind":"stock.purchase","actor":"ada@northwind.example","body":{"contract":"C-1","account":"northwind","product":"pro","quantity":100,"note":"Q4"}}
{"id":"po-2","kind":"stock.purchase","source":"shop","actor":"ada@northwind.example","body":{"contract":"C-1","account":"northwind","product":"none","quantity":1}}
{"id":"tr-1","kind":"stock.transfer","actor":"ada@northwind.example","body":{"from":"northwind","to":"acme","product":"pro","quantity":10}}
{"id":"or-1","kind":"order.request","actor":"mia@acme.example","body":{"contract":"C-1","account":"acme","product":"pro","quantity":5,"purchase_order":"A-7"}}
{"id":"tr-1","kind":"stock.transfer","actor":"ada@northwind.example","body":{"from":"northwind","to":"acme","product":"pro","quantity":11}}
`

func (l *ledger) fill() {
	l.t.Helper()
	l.startWorker()
	code, out, errs := l.enqueue(catalog, "run", "-", "--serial")
	if code != 0 {
		l.t.Fatalf("exit %d, %s, %s", code, out, errs)
	}
	if code, out, errs = l.enqueue(buying, "run", "--serial", "-"); code != exitRejected || errs != "" {
		l.t.Fatalf("exit %d, %s, %s", code, out, errs)
	}
}

func TestRunPrintsOutcomesInInputOrder(t *testing.T) {
	l := newLedger(t)
	l.fill()
	code, out, errs := l.enqueue(buying, "run", "-", "--wait") // a replay
	if code != exitRejected || errs != "" {
		t.Fatalf("exit %d, %s", code, errs)
	}
	var got []string
	for line := range strings.Lines(out) {
		var o jobs.Outcome
		check(t, json.Unmarshal([]byte(line), &o))
		reason := ""
		if o.Reason != nil {
			reason = string(*o.Reason)
		}
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", o.ID, o.Status, reason)))
	}
	want := "po-1 applied, po-2 rejected product_not_found, tr-1 applied, or-1 applied, tr-1 rejected id_reused"
	if strings.Join(got, ", ") != want {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, ", "), want)
	}
	if first, _, _ := strings.Cut(out, "\n"); !strings.HasPrefix(first, `{"id":"po-1","kind":"stock.purchase","status":"applied","reason":null,"detail":null,"at":"20`) {
		t.Errorf("the first outcome is %s", first)
	}
}

func TestWithoutAWorker(t *testing.T) {
	l := newLedger(t)
	file := filepath.Join(t.TempDir(), "catalog.ndjson")
	check(t, os.WriteFile(file, []byte(catalog), 0o600))
	code, out, errs := l.enqueue("", "run", file)
	if code != 0 || out != "" || errs != "accepted 7\n" {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	code, out, errs = l.enqueue(good, "run", "-", "--wait", "--timeout", "20ms")
	if code != exitUnreachable || out != `{"id":"p","status":"waiting"}`+"\n" || !strings.Contains(errs, "is a worker running?") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	code, out, errs = l.enqueue("", "show", "outcome", "p", "--json")
	want := `{"id":"p","kind":"product.put","status":"waiting","reason":null,"detail":null,"at":null,"result":null}` + "\n"
	if code != 0 || out != want || errs != "" {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	code, out, errs = l.enqueue("", "product.put", "--id", "x", "--product", "x", "--name", "X", "--package", "p", "--no-wait")
	if code != 0 || out != "" || errs != "accepted 1\n" {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	code, out, errs = l.enqueue("", "product.put", "--id", "y", "--product", "x", "--name", "X", "--package", "p", "--timeout", "20ms")
	if code != exitUnreachable || out != `{"id":"y","status":"waiting"}`+"\n" || !strings.Contains(errs, "is a worker running?") {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}

func TestInterrupted(t *testing.T) {
	l := newLedger(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { // as soon as the command waits
		defer cancel()
		for ctx.Err() == nil {
			if waiting, err := l.store.WaitingBefore(ctx, time.Now().AddDate(100, 0, 0), 1); err == nil && len(waiting) > 0 {
				time.Sleep(200 * time.Millisecond) // until enqueue knows it, too
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	var out, errs bytes.Buffer
	began := time.Now()
	code := run(ctx, []string{"run", "-", "--wait", "--database-url", l.databaseURL, "--redis-url", l.redisURL}, strings.NewReader(good), &out, &errs)
	if code != exitUnreachable || out.String() != `{"id":"p","status":"waiting"}`+"\n" || errs.String() != "enqueue: interrupted: 1 of 1 commands are accepted, 0 have their outcome; what is accepted will be decided. Run the same again to go on: nothing is applied twice\n" || time.Since(began) > 5*time.Second {
		t.Errorf("exit %d, %q, %q", code, out.String(), errs.String())
	}
}

// Accepted is accepted, also when nobody can be told.
func TestWithoutRedis(t *testing.T) {
	l := newLedger(t)
	l.redisURL = "unix:/nowhere/redis.sock"
	code, out, errs := l.enqueue(good, "run", "-")
	if code != 0 || out != "" || errs != "accepted 1\n" { // the warning is in the log
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}

func TestKindCommand(t *testing.T) {
	l := newLedger(t)
	l.fill()
	args := strings.Fields("stock.purchase --id po-9 --actor ada@northwind.example --contract C-1 --account northwind --product pro --quantity 3")
	code, out, errs := l.enqueue("", args...)
	if code != 0 || errs != "" || !strings.Contains(out, `"charges":[{"product":"pro","quantity":3,"unit_price":"120.00","amount":"360.00","currency":"EUR"}]`) {
		t.Errorf("exit %d, %s, %s", code, out, errs)
	}
	code, out, errs = l.enqueue(`{"contract":"C-1","account":"nobody","product":"pro","quantity":3}`,
		strings.Fields("stock.purchase --id po-10 --actor ada@northwind.example --body -")...)
	if code != exitRejected || errs != "" || !strings.Contains(out, `"reason":"account_not_found"`) || strings.Count(out, "\n") != 1 {
		t.Errorf("exit %d, %s, %s", code, out, errs)
	}
}

func TestOutcomeForPeople(t *testing.T) {
	reason, detail, at := domain.InsufficientStock, "10 asked for, 4 remain", time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	var out bytes.Buffer
	a := &app{out: &out}
	check(t, a.describeOutcome(jobs.Outcome{
		ID: "x", Kind: "stock.purchase", Status: domain.Rejected, Reason: &reason, Detail: &detail, At: &at,
	}, 80))
	check(t, a.describeOutcome(jobs.Outcome{
		ID: "y", Kind: "stock.purchase", Status: domain.Applied, At: &at,
		Result: json.RawMessage(`{"order":"o-1","stock":[{"lot":"y~1","account":"northwind","product":"pro","remaining":100,"expires_on":"2027-11-21"}],` +
			`"charges":[{"product":"pro","quantity":100,"unit_price":"120.00","amount":"12000.00","currency":"EUR"}]}`),
	}, 80))
	want := `stock.purchase x: rejected (insufficient_stock)
10 asked for, 4 remain
at 2026-11-21T09:30:00Z
stock.purchase y: applied
at 2026-11-21T09:30:00Z
order o-1

stock
lot  account    product  remaining  expires_on
----------------------------------------------
y~1  northwind  pro            100  2027-11-21

charges
product  quantity  unit_price    amount  currency
-------------------------------------------------
pro           100      120.00  12000.00  EUR
`
	if got := strings.ReplaceAll(out.String(), "─", "-"); got != want {
		t.Errorf("\n%s", got)
	}
}

func TestShow(t *testing.T) {
	l := newLedger(t)
	l.fill()
	for args, want := range map[string]string{
		"stock --account northwind":                  `"lot":"po-1~1","account":"northwind","product":"pro","contract":"C-1","quantity":100,"remaining":90,`,
		"licenses --account acme":                    `"license":"tr-1~1","account":"acme","product":"pro","contract":"C-1","quantity":10,"deployed":0,"allocated":0,"available":10,`,
		"orders --account acme --purchase-order A-7": `"order":"or-1","kind":"license","contract":"C-1","account":"acme","product":"pro","quantity":5,"purchase_order":"A-7","note":null,"state":"requested",`,
		"summary --account acme":                     `{"product":"pro","owned":10,"available":10,"deployed":0,"allocated":0,"stock":0}`,
		"accounts --account northwind":               `{"account":"northwind","kind":"reseller","parent":null,"name":"Northwind & Söhne","package":null,"trial":false,"status":"active"}`,
		"contracts --account northwind":              `"create_permission":["ada@northwind.example"],"products":[{"product":"pro","name":"Professional","package":"professional","prices":{"term":"120.00"}}]}`,
		"charges --contract C-1":                     `"contract":"C-1","account":"northwind","product":"pro","kind":"stock","quantity":100,"amount":"12000.00",`,
		"mail --to mia@acme.example":                 `"to":"mia@acme.example","subject":"10 Professional licenses for Acme are active","state":"pending","attempts":0,"sent_at":null,"message_id":null}`,
		"history --account acme":                     `"command":"or-1","kind":"order.request","actor":"mia@acme.example","on_behalf_of":null,"status":"applied","reason":null,`,
	} {
		code, out, errs := l.enqueue("", append(strings.Fields("show "+args), "--json")...)
		if code != 0 || errs != "" || !strings.Contains(out, want) {
			t.Errorf("show %s: exit %d, %s\n%s\nhas no %s", args, code, errs, out, want)
		}
	}
	for _, report := range strings.Fields("stock licenses orders subscriptions deployments history summary accounts contracts learners links") {
		for _, json := range []bool{true, false} {
			code, out, errs := l.enqueue("", "show", report, "--account", "nobody", fmt.Sprintf("--json=%v", json))
			want := map[bool][2]string{true: {"[]\n", ""}, false: {"", "nothing to show\n"}}[json]
			if code != 0 || out != want[0] || errs != want[1] {
				t.Errorf("show %s of nobody: exit %d, %q, %q", report, code, out, errs)
			}
		}
	}
}

func TestPagesOfHistory(t *testing.T) {
	l := newLedger(t)
	l.fill()
	var all []string
	for _, row := range l.show("history --account northwind") {
		all = append(all, fmt.Sprint(row["command"], " ", row["status"]))
	}
	if !slices.Contains(all, "tr-1 rejected") { // the reuse
		t.Errorf("the history has no reuse: %s", all)
	}
	var paged []string
	for after := ""; ; {
		code, out, errs := l.enqueue("", "show", "history", "--account", "northwind", "--limit", "2", "--json", "--after", after)
		var rows []map[string]any
		if err := json.Unmarshal([]byte(out), &rows); err != nil || code != 0 || len(rows) > 2 || len(paged) > 100 {
			t.Fatalf("exit %d, %s, %s, %v", code, out, errs, err)
		}
		for _, row := range rows {
			paged = append(paged, fmt.Sprint(row["command"], " ", row["status"]))
		}
		cursor, more := strings.CutPrefix(errs, "more: --after ")
		if !more {
			break
		}
		after = strings.TrimSpace(cursor)
	}
	if strings.Join(paged, "\n") != strings.Join(all, "\n") {
		t.Errorf("in pages %q, at once %q", paged, all)
	}
	if code, _, errs := l.enqueue("", "show", "history", "--account", "northwind", "--after", "no-such"); code != exitInvalid || errs != `enqueue: --after: "no-such" is no row of this report`+"\n" {
		t.Errorf("exit %d, %s", code, errs)
	}
}

func TestOperating(t *testing.T) {
	l := newLedger(t)
	l.fill()
	code, out, errs := l.enqueue("", "show", "outcome", "po-2", "--source", "shop", "--json")
	if code != 0 || errs != "" || !strings.HasPrefix(out, `{"id":"po-2","kind":"stock.purchase","status":"rejected","reason":"product_not_found","detail":"`) {
		t.Errorf("exit %d, %s, %s", code, out, errs)
	}
	for args, want := range map[string]string{
		"show outcome po-2":     "no command po-2 of source default",
		"retry nothing":         "no command nothing of source default",
		"retry po-1":            "command po-1 is not dead, it is applied",
		"mail resend 7-7":       "no mail 7-7",
		"mail resend something": "no mail something",
	} {
		if code, out, errs := l.enqueue("", strings.Fields(args)...); code != exitInvalid || out != "" || errs != "enqueue: "+want+"\n" {
			t.Errorf("%s: exit %d, %q, %q", args, code, out, errs)
		}
	}
	if code, out, _ := l.enqueue("", "clock", "show"); code != 0 || !strings.HasSuffix(out, "Z test\n") {
		t.Errorf("exit %d, %s", code, out)
	}
	if code, out, _ := l.enqueue("", "clock", "show", "--json"); code != 0 || !strings.HasSuffix(out, `Z","test":true}`+"\n") {
		t.Errorf("exit %d, %s", code, out)
	}
	id := l.show("mail --to mia@acme.example")[0]["id"].(string)
	if code, out, errs := l.enqueue("", "mail", "resend", id, "--to", "max@acme.example"); code != 0 || out != "" || errs != "mail "+id+" was pending and is pending again\n" {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
	if rows := l.show("mail --to max@acme.example --state pending"); len(rows) != 1 || rows[0]["id"] != id {
		t.Errorf("%v", rows)
	}
	for _, args := range []string{"mail --to max@acme.example --state sent", "mail --state failed", "dead"} {
		if rows := l.show(args); len(rows) != 0 {
			t.Errorf("%s: %v", args, rows)
		}
	}
}

func TestRetry(t *testing.T) {
	l := newLedger(t)
	if code, _, errs := l.enqueue(good, "run", "-"); code != 0 {
		t.Fatal(errs)
	}
	entry, _, err := l.store.Find(t.Context(), "default", "p")
	check(t, err)
	for range store.MaxAttempts {
		_, err := l.store.Fail(t.Context(), entry.Seq, context.DeadlineExceeded, 0)
		check(t, err)
	}
	code, out, errs := l.enqueue(good, "run", "-", "--wait")
	if code != exitRejected || errs != "" || !strings.Contains(out, `"status":"dead","reason":null,"detail":"context deadline exceeded"`) {
		t.Errorf("exit %d, %s, %s", code, out, errs)
	}
	if rows := l.show("dead"); len(rows) != 1 || rows[0]["id"] != "p" || rows[0]["error"] != "context deadline exceeded" || rows[0]["dead_at"] == nil {
		t.Errorf("%v", rows)
	}
	if code, out, errs = l.enqueue("", "retry", "p"); code != 0 || out != "" || errs != "p is put back and will be decided again\n" {
		t.Errorf("exit %d, %q, %q", code, out, errs)
	}
}
