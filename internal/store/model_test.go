package store_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/model"
	"github.com/licenseledger/licenseledger/internal/model/random"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
)

// LICENSELEDGER_SEED repeats the commands of a run, though not the interleaving
// of its batches; LICENSELEDGER_SCALE makes it longer.
func number(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatal(name, err)
	}
	return n
}

// TestConcurrentBatchesAreSerial sends random commands through Postgres, in
// batches that several goroutines cut anywhere and claim from one another, with
// exclusive batches of the catalog and moves of the clock in between. Decided
// one by one in the order of their numbers, the ledger in memory must come out
// the same, row by row and outcome by outcome.
func TestConcurrentBatchesAreSerial(t *testing.T) {
	t.Parallel()
	rounds := int(4 * number(t, "LICENSELEDGER_SCALE", 1))
	for _, tc := range []struct {
		name     string
		commands int
		kinds    []string // every kind, if none
	}{
		{"every kind", 220, nil},
		{"more lots than a page", 400, []string{"stock.purchase", "stock.purchase", "stock.purchase", "stock.purchase", "stock.purchase", "stock.transfer", "license.sell", "order.assign"}},
		{"mostly the catalog", 120, []string{"seller.put", "seller.put", "tax.put", "tax.put", "account.put", "contract.put", "contract.put", "product.put", "user.put", "stock.purchase", "order.request", "subscription.start", "learner.put", "learner.erase"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newRun(t)
			if tc.name == "more lots than a page" {
				r.fillPool()
			}
			for range rounds {
				r.round(tc.commands, tc.kinds)
			}
			r.compare()
		})
	}
}

// run is one ledger in Postgres under load.
type run struct {
	t     *testing.T
	store *store.Store
	pool  *pgxpool.Pool
	gen   *random.Generator
	began time.Time // where the test clock stood at first

	mu   sync.Mutex
	sent map[int64]*domain.Envelope // by number in the journal
}

func newRun(t *testing.T) *run {
	t.Helper()
	seed := number(t, "LICENSELEDGER_SEED", rand.Uint64())
	t.Logf("LICENSELEDGER_SEED=%d", seed)
	url := testdb.URL(t)
	s, err := store.Open(t.Context(), url)
	check(t, err)
	t.Cleanup(s.Close)
	check(t, s.SetClockMode(t.Context(), true))
	began, _, err := s.Clock(t.Context())
	check(t, err)
	chance := rand.New(rand.NewPCG(seed, 11))
	r := &run{t: t, store: s, pool: connect(t, url), gen: random.New(chance.IntN), began: began, sent: map[int64]*domain.Envelope{}}
	r.moveClock(r.gen.Now)
	r.rest(r.accept(r.gen.Catalog()))
	for _, kind := range random.Foundations {
		r.rest(r.accept([]jobs.Command{r.gen.Of(kind)}))
	}
	return r
}

// fillPool buys more small lots than are loaded at once, on many days.
func (r *run) fillPool() {
	for day := range 12 {
		var lots []jobs.Command
		for n := range 15 {
			body := `{"contract":"C-NORTH","account":"north","product":"pro","quantity":3}`
			lots = append(lots, jobs.Command{ID: fmt.Sprintf("lot-%d-%d", day, n), Kind: "stock.purchase", Source: "fill", Actor: "ada@north", Body: []byte(body)})
		}
		r.rest(r.accept(lots))
		r.gen.Now = r.gen.Now.Add(24 * time.Hour)
		r.moveClock(r.gen.Now)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// moveClock is a batch of its own, between whatever else is going on.
func (r *run) moveClock(to time.Time) {
	id := "clock-" + to.Format("20060102T150405.000")
	body := fmt.Sprintf(`{"to":%q}`, to.Format(time.RFC3339Nano))
	seqs := r.accept([]jobs.Command{{ID: id, Kind: "clock.advance", Source: "operator", Body: []byte(body)}})
	for range 100 {
		r.execute(seqs, func() bool { return false })
		if rows, err := r.store.Commands(r.t.Context(), seqs); err == nil && len(rows) == 0 {
			return
		}
	}
	r.t.Errorf("the clock could not be moved to %s", to)
}

// round lets clients accept and execute commands all at once.
func (r *run) round(commands int, kinds []string) {
	all := make([]jobs.Command, commands)
	for i := range all {
		switch {
		case r.gen.IntN(12) == 0:
			all[i] = r.gen.Change()
		case kinds == nil:
			all[i] = r.gen.Business()
		default:
			all[i] = r.gen.Of(kinds[r.gen.IntN(len(kinds))])
		}
	}
	const clients = 6
	var wait sync.WaitGroup
	for chunk := range slices.Chunk(all, (commands+clients-1)/clients) {
		chance := rand.New(rand.NewPCG(uint64(r.gen.IntN(1<<30)), 5))
		wait.Go(func() { r.client(chunk, chance) })
	}
	wait.Go(func() { // time goes on meanwhile, so that commands are late
		for i := range 5 {
			time.Sleep(10 * time.Millisecond)
			r.moveClock(r.gen.Now.Add(time.Duration(i+1) * 7 * time.Minute))
		}
	})
	wait.Wait()
	r.rest(nil)
	r.gen.Now = r.gen.Now.Add(time.Hour)
	r.gen.Pass()
	r.moveClock(r.gen.Now)
}

func (r *run) client(commands []jobs.Command, chance *rand.Rand) {
	for chunk := range slices.Chunk(commands, 12) {
		seqs := r.accept(chunk)
		if chance.IntN(3) == 0 && !slices.Equal(seqs, r.accept(chunk)) {
			r.t.Error("accepted twice, commands have other places in the journal")
		}
		r.mu.Lock()
		for range 6 { // what others may be about to decide
			seqs = append(seqs, seqs[0]+int64(chance.IntN(60)-30))
		}
		r.mu.Unlock()
		if chance.IntN(4) > 0 { // the others are left for somebody else, later
			r.execute(seqs, func() bool { return chance.IntN(8) == 0 })
		}
	}
}

func (r *run) accept(commands []jobs.Command) []int64 {
	instructions := make([]store.Instruction, len(commands))
	for i, c := range commands {
		hash := sha256.Sum256([]byte(c.Kind + string(c.Actor) + string(c.OnBehalfOf) + string(c.Body)))
		instructions[i] = store.Instruction{
			Source: c.Source, ID: c.ID, Kind: c.Kind, Actor: string(c.Actor), OnBehalfOf: string(c.OnBehalfOf), Body: c.Body, Hash: hash[:],
		}
	}
	receipts, err := r.store.Accept(r.t.Context(), instructions, false)
	if err != nil {
		r.t.Error(err)
		return make([]int64, len(commands))
	}
	seqs := make([]int64, len(receipts))
	for i, receipt := range receipts {
		seqs[i] = receipt.Seq
	}
	return seqs
}

// execute decides what still waits, in batches cut anywhere.
func (r *run) execute(seqs []int64, cutHere func() bool) {
	slices.Sort(seqs)
	rows, err := r.store.Commands(r.t.Context(), slices.Compact(seqs))
	if err != nil {
		r.t.Error(err)
		return
	}
	var batches [][]*domain.Envelope
	for i, row := range rows {
		e := jobs.Envelope(row)
		r.mu.Lock()
		if r.sent[e.Seq] == nil {
			r.sent[e.Seq] = jobs.Envelope(row)
		}
		r.mu.Unlock()
		class := domain.ClassOf(e.Kind)
		if i == 0 || class == domain.Control || class != domain.ClassOf(rows[i-1].Kind) || cutHere() {
			batches = append(batches, nil)
		}
		batches[len(batches)-1] = append(batches[len(batches)-1], e)
	}
	for _, batch := range batches {
		r.executeBatch(batch)
	}
}

func (r *run) executeBatch(batch []*domain.Envelope) (decided int) {
	if len(batch) == 0 {
		return 0
	}
	for attempt := 0; ; attempt++ {
		n, err := r.store.Execute(r.t.Context(), domain.ClassOf(batch[0].Kind), batch)
		if err == nil {
			return n
		}
		var first *store.DueFirst
		if errors.As(err, &first) && attempt < 20 {
			r.doFirst(first.Rows)
			continue
		}
		if attempt < 20 && (store.Transient(err) || store.TakenID(err)) {
			time.Sleep(time.Duration(attempt) * time.Millisecond)
			continue
		}
		r.t.Errorf("a batch of %d, first %s: %v", len(batch), batch[0].Kind, err)
		return 0
	}
}

// doFirst does what is due, as a command that is compared like the others.
func (r *run) doFirst(due []domain.Due) {
	now, _, err := r.store.Clock(r.t.Context())
	check(r.t, err)
	for _, d := range due {
		decided, err := r.store.ExecuteDue(r.t.Context(), []domain.Due{d}, now)
		if err != nil && !store.Transient(err) {
			r.t.Errorf("what is due of %s: %v", d.ID, err)
		}
		for _, e := range decided {
			r.mu.Lock()
			r.sent[e.Seq] = e
			r.mu.Unlock()
		}
	}
}

// rest decides whatever still waits.
func (r *run) rest(seqs []int64) {
	for range 100 {
		if seqs == nil {
			rows, err := r.pool.Query(r.t.Context(), "SELECT seq FROM pending")
			check(r.t, err)
			seqs, err = pgx.CollectRows(rows, pgx.RowTo[int64])
			check(r.t, err)
		}
		if len(seqs) == 0 {
			return
		}
		r.execute(seqs, func() bool { return false })
		seqs = nil
	}
	r.t.Fatal("commands wait and nobody decides them")
}

// compare decides everything again, one by one, in the order of the numbers.
func (r *run) compare() {
	r.t.Helper()
	l := model.New()
	l.Clock = domain.Clock{Now: r.began, Test: true, Unused: true}
	rows, err := r.pool.Query(r.t.Context(), "SELECT seq, no, status, reason, detail, summary, at, result FROM outcomes ORDER BY no")
	check(r.t, err)
	outcomes, err := pgx.CollectRows(rows, pgx.RowToStructByName[domain.Outcome])
	check(r.t, err)
	differ, early := 0, 0
	for _, o := range outcomes {
		if l.CameEarly(r.sent[o.Seq].Command, o) {
			r.repeat(l, o)
			early++
			continue
		}
		l.LastNo = o.No - 1
		again := l.Execute([]*domain.Envelope{r.sent[o.Seq]})[0]
		l.Clock.Unused = false
		if differ < 3 && model.Line(again) != model.Line(o) {
			differ++
			c := r.sent[o.Seq]
			r.t.Errorf("%s %s by %s, accepted %s: %+v\nPostgres:   %s\none by one: %s", c.ID, c.Kind, c.Actor, c.AcceptedAt, c.Command, model.Line(o), model.Line(again))
		}
	}
	if diff := model.Differences("Postgres", tables(r.t, r.pool, l), "one by one", l.Tables()); diff != "" {
		r.t.Errorf("Postgres and the ledger in memory differ:\n%s", diff)
	}
	for _, wrong := range l.Check() {
		r.t.Error(wrong)
	}
	check(r.t, r.store.Check(r.t.Context(), func(discrepancy string) { r.t.Error(discrepancy) }))
	r.wasWorthIt(l)
	if early*20 > len(outcomes) {
		r.t.Errorf("%d of %d commands did not find what was there", early, len(outcomes))
	}
}

// repeat takes over what Postgres says, without deciding.
func (r *run) repeat(l *model.Ledger, o domain.Outcome) {
	rows, err := r.pool.Query(r.t.Context(), "SELECT account, no, seq FROM history WHERE no = $1", o.No)
	check(r.t, err)
	history, err := pgx.CollectRows(rows, pgx.RowToStructByName[domain.HistoryEntry])
	check(r.t, err)
	l.Outcomes, l.History = append(l.Outcomes, o), append(l.History, history...)
}

// wasWorthIt wants enough to have happened.
func (r *run) wasWorthIt(l *model.Ledger) {
	r.t.Helper()
	applied := 0
	for _, o := range l.Outcomes {
		if o.Status == domain.Applied {
			applied++
		}
	}
	pools, largest := map[domain.Pool]int{}, 0
	for _, lot := range l.Lots {
		if lot.Remaining > 0 {
			pool := domain.Pool{Account: lot.Account, Product: lot.Product}
			pools[pool]++
			largest = max(largest, pools[pool])
		}
	}
	r.t.Logf("%d commands, %d applied, %d movements, up to %d open lots in a pool", len(l.Outcomes), applied, len(l.Movements), largest)
	if applied*8 < len(l.Outcomes) || len(l.Outcomes) != len(r.sent) {
		r.t.Errorf("%d commands, %d outcomes, %d applied", len(r.sent), len(l.Outcomes), applied)
	}
}
