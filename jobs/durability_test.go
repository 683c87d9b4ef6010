package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

// rig is a ledger whose workers and clients a test starts as it likes.
type rig struct {
	*ledger
	databaseURL, redisURL string
	log                   *slog.Logger
}

func newRig(t *testing.T) *rig {
	t.Helper()
	return newRigOn(t, testdb.Redis(t))
}

// newRigOn is a rig with another Redis.
func newRigOn(t *testing.T, redisURL string) *rig {
	t.Helper()
	r := &rig{
		databaseURL: testdb.URL(t), redisURL: redisURL,
		log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
	}
	s, err := store.Open(t.Context(), r.databaseURL)
	check(t, err)
	t.Cleanup(s.Close)
	check(t, s.SetClockMode(t.Context(), true))
	pool, err := pgxpool.New(t.Context(), r.databaseURL)
	check(t, err)
	t.Cleanup(pool.Close)
	r.ledger = &ledger{t: t, store: s, pool: pool}
	r.client = r.connect(r.redisURL)
	return r
}

func (r *rig) connect(redisURL string) *jobs.Client {
	r.t.Helper()
	client, err := jobs.Connect(r.t.Context(), r.databaseURL, redisURL, r.log)
	check(r.t, err)
	r.t.Cleanup(func() { check(r.t, client.Close()) })
	return client
}

// work starts a worker on a database address.
func (r *rig) work(databaseURL string) (stop func()) {
	r.t.Helper()
	redis, err := jobs.OpenRedis(r.redisURL)
	check(r.t, err)
	return r.workOn(databaseURL, redis)
}

// workOn starts a worker; it ends when told to, or with the test.
func (r *rig) workOn(databaseURL string, redis redis.UniversalClient) (stop func()) {
	r.t.Helper()
	s, err := store.Open(r.t.Context(), databaseURL)
	check(r.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	batcher := jobs.NewBatcher(s, jobs.DefaultBatchCap, r.log).RenderWith(notify.Documents)
	server, sweeper := jobs.NewServer(redis, batcher, r.log), jobs.NewSweeper(s, batcher, r.log)
	var running sync.WaitGroup
	running.Go(func() { batcher.Run(ctx) })
	running.Go(func() { sweeper.Run(ctx) })
	check(r.t, server.Start())
	stop = sync.OnceFunc(func() {
		server.Shutdown()
		cancel()
		running.Wait()
		s.Close()
		check(r.t, redis.Close())
	})
	r.t.Cleanup(stop)
	return stop
}

// hurry makes whatever waits due, over and over, so that the sweeper meddles
// with what the tasks are about.
func (r *rig) hurry() {
	ctx, cancel := context.WithCancel(r.t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		for ctx.Err() == nil {
			_, err := r.pool.Exec(ctx, "UPDATE pending SET next_at = clock_timestamp() WHERE seq IN (SELECT seq FROM pending FOR UPDATE SKIP LOCKED)")
			if err != nil && ctx.Err() == nil {
				r.t.Error(err)
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	r.t.Cleanup(func() { cancel(); running.Wait() })
}

func (r *rig) catalog() {
	r.t.Helper()
	r.run([]jobs.Command{parse(r.t, storiesBegin)})
	for _, o := range r.file("../examples/catalog.ndjson") {
		if o.Status != domain.Applied {
			r.t.Fatalf("%s: %s", o.ID, text(o.Detail))
		}
	}
}

const byAda = "ada@northwind.example"

func buyLot(id string, n int) jobs.Command {
	return jobs.New(id, byAda, domain.PurchaseStock{Contract: "C-NORTH", Account: "northwind", Product: "pro", Quantity: domain.Quantity(n)})
}

func moveSome(id string, n int) jobs.Command {
	return jobs.New(id, byAda, domain.TransferStock{From: "northwind", To: "acme", Product: "pro", Quantity: domain.Quantity(n)})
}

func (r *rig) number(sql string) int64 {
	r.t.Helper()
	var n int64
	check(r.t, r.pool.QueryRow(r.t.Context(), sql).Scan(&n))
	return n
}

// count counts outcomes by what became of their commands.
func count(outcomes []jobs.Outcome) map[string]int {
	counts := map[string]int{}
	for _, o := range outcomes {
		counts[strings.TrimSpace(string(o.Status)+" "+text(o.Reason))]++
	}
	return counts
}

// The same file again: the same outcomes, and not a row changes.
func TestTheSameFileTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.run([]jobs.Command{parse(t, storiesBegin)})
	files := []string{"catalog", "demo", "1-stock", "3-sales-and-links"}
	first := map[string][]jobs.Outcome{}
	for _, name := range files {
		first[name] = r.file("../examples/" + name + ".ndjson")
	}
	before := r.fingerprint()
	for _, name := range files {
		for i, again := range r.file("../examples/" + name + ".ndjson") {
			if was := first[name][i]; string(mustJSON(t, again)) != string(mustJSON(t, was)) {
				t.Errorf("%s was\n%s\nand is\n%s", again.ID, mustJSON(t, was), mustJSON(t, again))
			}
		}
	}
	if after := r.fingerprint(); after != before {
		t.Errorf("rows have changed:\n%s\nwere\n%s", after, before)
	}
	r.verify()
}

// 1,500 in one lot, 2,000 wanted by eight clients at two workers: 500 are refused.
func TestNothingIsSoldTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.work(r.databaseURL)
	r.catalog()
	r.run([]jobs.Command{buyLot("lot", 1500)})
	const clients, each = 8, 250
	counts := make([]map[string]int, clients)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			var commands []jobs.Command
			for n := range each {
				commands = append(commands, moveSome(fmt.Sprintf("t%d-%d", i, n), 1))
			}
			for len(commands) > 0 { // packs of different sizes
				pack := commands[:min(len(commands), 1+i*9)]
				commands = commands[len(pack):]
				outcomes, err := r.client.Do(t.Context(), pack, jobs.Run{Wait: true, Timeout: 30 * time.Second})
				if err != nil {
					t.Error(err)
					return
				}
				for what, n := range count(outcomes) {
					if counts[i] == nil {
						counts[i] = map[string]int{}
					}
					counts[i][what] += n
				}
			}
		})
	}
	all.Wait()
	total := map[string]int{}
	for _, c := range counts {
		for what, n := range c {
			total[what] += n
		}
	}
	if total["applied"] != 1500 || total["rejected insufficient_stock"] != 500 || len(total) != 2 {
		t.Errorf("%v", total)
	}
	if left, sold := r.number("SELECT remaining FROM lots"), r.number("SELECT sum(quantity) FROM licenses"); left != 0 || sold != 1500 {
		t.Errorf("%d remain, %d are licensed", left, sold)
	}
	r.verify()
}

// panicky is a transfer with a bug: 666 licenses end in a panic.
type panicky domain.TransferStock

func (panicky) Kind() string    { return "stock.transfer" }
func (panicky) Doc() domain.Doc { return domain.Doc{} }

func (b panicky) Reads(s *domain.State, e *domain.Envelope, k *domain.Keys) {
	domain.TransferStock(b).Reads(s, e, k)
}

func (b panicky) Decide(d *domain.Decision) {
	domain.TransferStock(b).Decide(d)
	if b.Quantity == 666 {
		panic("a bug on purpose")
	}
}

// One command that panics is dead in the end and can be put back; its neighbours
// in the batch do not notice.
func TestAPanicHarmsOnlyItsCommand(t *testing.T) {
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog()
	r.run([]jobs.Command{buyLot("lot", 1000)})
	t.Run("while the bug is there", func(t *testing.T) {
		r.t = t
		jobs.ReplaceKind[panicky](t)
		var commands []jobs.Command
		for i := range 31 {
			n := 2
			if i == 17 {
				n = 666
			}
			commands = append(commands, moveSome(fmt.Sprintf("p%d", i), n))
		}
		_, err := r.client.Do(t.Context(), commands, jobs.Run{Timeout: 5 * time.Second})
		check(t, err)
		decided := func() int64 {
			return r.number("SELECT count(*) FROM outcomes JOIN commands USING (seq) WHERE id LIKE 'p%'")
		}
		for until := time.Now().Add(5 * time.Second); decided() < 30 && time.Now().Before(until); {
			time.Sleep(20 * time.Millisecond)
		}
		if n := decided(); n != 30 {
			t.Errorf("%d of 30 neighbours were decided before anybody swept", n)
		}
		r.hurry()
		outcomes, err := r.client.Do(t.Context(), commands, jobs.Run{Wait: true, Timeout: 30 * time.Second})
		check(t, err)
		if got := count(outcomes); got["applied"] != 30 || got["dead"] != 1 {
			t.Errorf("%v", got)
		}
		if dead := outcomes[17]; dead.Status != store.Dead || !strings.Contains(text(dead.Detail), "a bug on purpose") {
			t.Errorf("the command that panics is %s: %s", dead.Status, text(dead.Detail))
		}
		backlog, err := r.store.Backlog(t.Context())
		check(t, err)
		if backlog.Dead != 1 || backlog.Waiting != 0 {
			t.Errorf("%+v", backlog)
		}
		r.verify()
	})
	r.t = t
	entry, found, err := r.store.Find(t.Context(), domain.DefaultSource, "p17")
	check(t, err)
	if back, err := r.store.Retry(t.Context(), entry.Seq); !found || !back || err != nil {
		t.Fatalf("putting it back: %v %v %v", found, back, err)
	}
	if back, err := r.store.Retry(t.Context(), entry.Seq); back || err != nil {
		t.Errorf("putting back what is not dead: %v %v", back, err)
	}
	if o := r.run([]jobs.Command{moveSome("p17", 666)})[0]; o.Status != domain.Applied {
		t.Errorf("once the bug is mended: %s %s", o.Status, text(o.Detail))
	}
	r.verify()
}

// Each command needs the one before it, while two workers and their sweepers
// reach for all of them.
func TestASerialChainKeepsItsOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.work(r.databaseURL)
	r.catalog()
	r.hurry()
	var chain []jobs.Command
	for i := range 240 {
		chain = append(chain,
			buyLot(fmt.Sprintf("buy%d", i), 3),
			jobs.New(fmt.Sprintf("down%d", i), byAda, domain.TransferStock{From: "northwind", To: "fjord", Product: "pro", Quantity: 3}),
			jobs.New(fmt.Sprintf("sell%d", i), "finn@fjord.example", domain.TransferStock{From: "fjord", To: "elm", Product: "pro", Quantity: 3, Lot: domain.LotID(fmt.Sprintf("down%d~1", i))}),
		)
	}
	for _, o := range r.run(chain) {
		if o.Status != domain.Applied {
			t.Fatalf("%s: %s", o.ID, text(o.Detail))
		}
	}
	if n := r.number("SELECT count(*) FROM (SELECT no < lag(no) OVER (ORDER BY seq) AS wrong FROM outcomes) AS o WHERE wrong"); n != 0 {
		t.Errorf("%d commands were decided before the one they follow", n)
	}
	r.verify()
}

// Commands that were accepted while Redis could not be reached have no task.
func TestTheSweeperFindsWhatHasNoTask(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog()
	client := r.connect("unix:" + t.TempDir() + "/nobody.sock")
	commands := []jobs.Command{buyLot("s1", 10), moveSome("s2", 4)}
	if _, err := client.Do(t.Context(), commands, jobs.Run{Timeout: time.Second}); err != nil {
		t.Fatalf("not accepted without Redis: %v", err)
	}
	r.hurry()
	outcomes, err := client.Do(t.Context(), commands, jobs.Run{Wait: true, Timeout: 20 * time.Second})
	check(t, err)
	if got := count(outcomes); got["applied"] != 2 {
		t.Errorf("%v", got)
	}
	r.verify()
}

// What cannot be read is refused, not retried for ever. A kind or a field that is
// not known may be that of a newer version: it is left for a newer worker, and
// dead, which is not final, when none comes.
func TestAnUnreadableCommandEnds(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog()
	for i, row := range []struct{ kind, body string }{
		{"stock.transfer", `{"nonsense":1}`},
		{"stock.transfer", `[]`},
		{"stock.transfer", `{"from":"northwind","to":"acme","product":"pro","quantity":1e3}`},
		{"stock.burn", `{"account":"northwind"}`},
		{"contract.put", `{}`},
		{"clock.advance", `{"to":"soon"}`},
	} {
		_, err := r.pool.Exec(t.Context(), `
			WITH c AS (INSERT INTO commands (source, id, kind, actor, on_behalf_of, preview, body, hash, accepted_at)
			           VALUES ('default', $1, $2, $3, '', '', $4, '', ledger_now()) RETURNING seq)
			INSERT INTO pending (seq, next_at) SELECT seq, clock_timestamp() FROM c`, fmt.Sprintf("u%d", i), row.kind, byAda, row.body)
		check(t, err)
	}
	r.hurry()
	deadline := time.Now().Add(20 * time.Second)
	for r.number("SELECT count(*) FROM pending WHERE dead_at IS NULL") > 0 && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
	}
	rows, err := r.pool.Query(t.Context(), "SELECT c.id || ' ' || c.kind || ' ' || coalesce(o.reason, 'dead: ' || p.error) FROM commands AS c LEFT JOIN outcomes AS o USING (seq) LEFT JOIN pending AS p USING (seq) WHERE c.id LIKE 'u%' ORDER BY 1")
	check(t, err)
	results, err := pgx.CollectRows(rows, pgx.RowTo[string])
	check(t, err)
	for _, result := range results {
		tooNew := strings.Contains(result, "stock.burn") || strings.Contains(result, "u0 ")
		if tooNew != strings.Contains(result, "dead: this version cannot read it") || !tooNew && !strings.HasSuffix(result, " invalid") {
			t.Error(result)
		}
	}
	if len(results) != 6 {
		t.Errorf("%v", results)
	}
	r.verify()
}

// A commit that is reported as failed but has happened leads to nothing twice.
func TestACommitWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p, through := newProxy(t, r.databaseURL, 3)
	r.work(through)
	r.catalog()
	r.hurry()
	r.run([]jobs.Command{buyLot("lot", 300)})
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			for n := range 10 {
				pack := []jobs.Command{moveSome(fmt.Sprintf("c%d-%d-a", i, n), 2), moveSome(fmt.Sprintf("c%d-%d-b", i, n), 3)}
				outcomes, err := r.client.Do(t.Context(), pack, jobs.Run{Wait: true, Timeout: 30 * time.Second})
				if err != nil || count(outcomes)["applied"] != 2 {
					t.Errorf("%v %v", count(outcomes), err)
				}
			}
		})
	}
	all.Wait()
	if left, sold := r.number("SELECT remaining FROM lots"), r.number("SELECT sum(quantity) FROM licenses"); left != 0 || sold != 300 {
		t.Errorf("%d remain, %d are licensed", left, sold)
	}
	if p.lost.Load() == 0 {
		t.Error("no answer to a commit was lost")
	}
	t.Logf("%d of %d commits were reported as failed", p.lost.Load(), p.commits.Load())
	r.verify()
}
