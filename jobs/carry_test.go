package jobs_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"pgregory.net/rapid"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

// viaRedis hands commands over through Redis alone.
func (r *rig) viaRedis(keys jobs.Keys, commands ...jobs.Command) {
	r.t.Helper()
	client, err := jobs.ConnectRedis(r.redisURL, keys)
	check(r.t, err)
	defer client.Close()
	check(r.t, client.Send(r.t.Context(), commands))
}

// becomes waits until a command sent in somebody's name has this outcome.
func (r *rig) becomes(source, id, want string) {
	r.t.Helper()
	got := ""
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if got = r.outcome(source, id); got == want {
			return
		}
	}
	r.t.Errorf("%s of %s: %q, want %s", id, source, got, want)
}

// outcome is what `enqueue show outcome` finds.
func (r *rig) outcome(source, id string) string {
	r.t.Helper()
	entry, found, err := r.store.Find(r.t.Context(), source, id)
	check(r.t, err)
	if !found {
		refusal, _, err := r.store.LatestRefusal(r.t.Context(), source, id)
		check(r.t, err)
		return string(refusal.Reason)
	}
	outcomes, err := r.store.Outcomes(r.t.Context(), []int64{entry.Seq})
	check(r.t, err)
	if len(outcomes) == 0 {
		return "waiting"
	}
	return strings.TrimSpace(string(outcomes[0].Status) + " " + string(outcomes[0].Reason))
}

func TestCommandsComeByRedisAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog()
	keys := r.addSource("portal", "northwind", domain.ScopeBusiness)
	var many []jobs.Command
	for i := range 250 { // several tasks
		many = append(many, buyLot(fmt.Sprintf("m%d", i), 1))
	}
	r.viaRedis(nil, many...)
	r.viaRedis(keys, as("portal", buyLot("1", 10)), buyLot("2", 10), as("crm", buyLot("3", 10)), as("portal", jobs.New("4", "olga@atlas.example", domain.PurchaseStock{Contract: "C-ATLAS", Account: "atlas", Product: "pro", Quantity: 1})))
	r.viaRedis(nil, as("portal", buyLot("5", 10)))
	r.becomes("portal", "1", "applied")
	r.becomes("default", "2", "applied")
	r.becomes("crm", "3", "applied")
	r.becomes("portal", "4", "rejected out_of_scope")
	r.becomes("portal", "5", "signature_invalid")
	r.viaRedis(keys, as("portal", buyLot("5", 10)))
	r.becomes("portal", "5", "applied")
	r.becomes("default", "m249", "applied")
	for i := range many {
		r.becomes("default", many[i].ID, "applied")
	}
	r.viaRedis(nil, many...) // again
	r.viaRedis(nil, buyLot("2", 11))
	time.Sleep(200 * time.Millisecond)
	r.becomes("default", "2", "applied")
	if n := r.number("SELECT count(*) FROM lots"); n != 254 {
		t.Errorf("%d lots", n)
	}
	if got := strings.Join(r.texts("SELECT DISTINCT source || '=' || key_id FROM commands ORDER BY 1"), " "); got != "crm= default= portal=k1" {
		t.Errorf("the journal says %s", got)
	}
	if n := r.number("SELECT count(*) FROM refusals WHERE id = '2' AND reason = 'id_reused'"); n != 1 {
		t.Errorf("other content under a used id was recorded %d times", n)
	}
	r.verify()
}

// tampered is a task with one bit of what matters changed: its type, its payload,
// or the name or value of a header.
func tampered(t *rapid.T, task *asynq.Task) *asynq.Task {
	kind, payload, headers := []byte(task.Type()), slices.Clone(task.Payload()), maps.Clone(task.Headers())
	flip := func(b []byte) []byte {
		i := rapid.IntRange(0, len(b)*8-1).Draw(t, "bit")
		b[i/8] ^= 1 << (i % 8)
		return b
	}
	switch rapid.SampledFrom([]string{"type", "payload", "payload", "payload", "header", "name"}).Draw(t, "where") {
	case "type":
		kind = flip(kind)
	case "payload":
		payload = flip(payload)
	case "header":
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(headers))).Draw(t, "header")
		headers[name] = string(flip([]byte(headers[name])))
	case "name":
		name := rapid.SampledFrom(slices.Sorted(maps.Keys(headers))).Draw(t, "header")
		value := headers[name]
		delete(headers, name)
		headers[string(flip([]byte(name)))] = value
	}
	return asynq.NewTaskWithHeaders(string(kind), payload, headers)
}

// No bit of a signed task can be changed: nothing of it reaches the journal.
func TestATamperedTaskIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	keys := r.addSource("portal", "")
	batcher, log := jobs.NewBatcher(r.store, jobs.DefaultBatchCap, r.log).RenderWith(notify.Documents), slog.New(slog.DiscardHandler)
	before := r.number("SELECT count(*) FROM commands")
	rapid.Check(t, func(t *rapid.T) {
		var commands []jobs.Command
		for i := range rapid.IntRange(1, 3).Draw(t, "commands") {
			commands = append(commands, as("portal", buyLot(fmt.Sprintf("t%d", i), rapid.IntRange(1, 999).Draw(t, "quantity"))))
		}
		task := tampered(t, keys.SignTask("batch", commands...))
		ctx, cancel := context.WithTimeout(r.t.Context(), 5*time.Second)
		defer cancel() // nobody executes what should not have been accepted
		if err := jobs.Carried(ctx, r.store, batcher, log, task); err != nil {
			t.Fatal(err)
		}
		if after := r.number("SELECT count(*) FROM commands"); after != before {
			t.Fatalf("%d commands of a tampered task are in the journal", after-before)
		}
	})
	reasons := r.texts("SELECT DISTINCT reason FROM refusals ORDER BY 1")
	if strings.Join(reasons, " ") != "invalid signature_invalid" {
		t.Errorf("refused as %v", reasons)
	}
}

// A task that comes again, at once or after its key was revoked, changes nothing.
func TestAReplayedTaskIsAppliedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog()
	keys := r.addSource("portal", "")
	task := keys.SignTask("batch", as("portal", buyLot("1", 10)), as("portal", buyLot("2", 10)))
	r.enqueue(5, task)
	r.becomes("portal", "2", "applied")
	before := r.fingerprint()
	r.enqueue(5, task)
	r.drained()
	if after := r.fingerprint(); after != before {
		t.Errorf("rows have changed:\n%s\nwere\n%s", after, before)
	}
	check(t, r.store.RevokeKey(t.Context(), "portal", "k1"))
	r.enqueue(1, task)
	r.drained()
	r.becomes("portal", "1", "applied")
	if n := r.number("SELECT count(*) FROM lots"); n != 2 {
		t.Errorf("%d lots", n)
	}
	r.verify()
}

// enqueue queues a task several times, as a producer of any kind might.
func (r *rig) enqueue(times int, task *asynq.Task) {
	r.t.Helper()
	redis, err := jobs.OpenRedis(r.redisURL)
	check(r.t, err)
	defer redis.Close()
	queue := asynq.NewClientFromRedisClient(redis)
	for range times {
		_, err := queue.EnqueueContext(r.t.Context(), task, asynq.Queue(jobs.CommandQueue), asynq.MaxRetry(25), asynq.Timeout(time.Minute))
		check(r.t, err)
	}
}

// drained waits until no task is left, waiting or under way, and none was given up.
func (r *rig) drained() {
	r.t.Helper()
	redis, err := jobs.OpenRedis(r.redisURL)
	check(r.t, err)
	defer redis.Close()
	inspector := asynq.NewInspectorFromRedisClient(redis)
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		info, err := inspector.GetQueueInfo(jobs.CommandQueue)
		check(r.t, err)
		if info.Size == 0 && info.Archived == 0 {
			return
		}
	}
	r.t.Error("tasks are left over")
}

// A key is good for the commands of its own source, whatever else is in the task.
func TestATaskSpeaksForItsOwnSource(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog()
	shop := r.addSource("shop", "")
	r.addSource("portal", "")
	forged := jobs.Keys{"portal": shop["shop"]}
	r.enqueue(1, forged.SignTask("batch", as("portal", buyLot("1", 10))))
	var payload []byte
	for _, c := range []jobs.Command{as("shop", buyLot("2", 10)), as("portal", buyLot("2", 10)), as("crm", buyLot("2", 10)), buyLot("2", 10)} {
		payload = append(append(payload, r.line(c)...), '\n')
	}
	r.enqueue(1, shop.SignPayload("carry:batch", "shop", payload))
	r.becomes("shop", "2", "applied")
	r.becomes("crm", "2", "applied")
	r.becomes("default", "2", "applied")
	r.becomes("portal", "1", "signature_invalid")
	r.becomes("portal", "2", "signature_invalid")
	r.verify()
}

// What cannot be read is recorded and harms nothing beside it.
func TestUnreadableTasksAreHarmless(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog()
	r.addSource("portal", "")
	good := string(r.line(buyLot("good", 10)))
	long := `{"id":"long","kind":"stock.purchase","actor":"` + byAda + `","body":{"contract":"C-NORTH","account":"northwind","product":"pro","quantity":1,"note":"` + strings.Repeat("x", 70<<10) + `"}}`
	for _, payload := range []string{
		"", "\n\n", "{", "null", "[1,2]", "\x00\xff\xfe", `"` + strings.Repeat("[", 100_000),
		`{"id":"noquantity","kind":"stock.purchase","actor":"` + byAda + `","body":{"contract":"C-NORTH","account":"northwind","product":"pro"}}`,
		`{"id":"nokind","body":{}}`,
		`{"id":"bad\u0000id","kind":"stock.purchase","actor":"bad\u0000actor","body":{}}`,
		`{"id":"forged","source":"portal","kind":"stock.purchase","actor":"` + byAda + `","body":{}}`,
		long, strings.Repeat(good+"\n", 1+(2<<20)/len(good)),
		"nonsense\n" + good + "\n{}",
	} {
		r.enqueue(1, asynq.NewTask("carry:anything", []byte(payload)))
	}
	r.enqueue(1, asynq.NewTaskWithHeaders("\x00", []byte("x"), map[string]string{"licenseledger-source": "a\x00b", "licenseledger-key": "\x00", "licenseledger-signature": "!"}))
	r.becomes("default", "good", "applied")
	r.drained()
	for source, id := range map[string]string{"default": "noquantity", "portal": "forged"} {
		r.becomes(source, id, "invalid")
	}
	for _, id := range []string{"nokind", "long"} {
		r.becomes("default", id, "invalid")
	}
	if n := r.number("SELECT count(*) FROM commands WHERE id NOT LIKE 'cat-%' AND kind <> 'clock.advance'"); n != 1 {
		t.Errorf("%d commands came out of it", n)
	}
	if n := r.number("SELECT count(*) FROM refusals WHERE reason = 'invalid'"); n != 16 {
		t.Errorf("%d refusals:\n%s", n, strings.Join(r.texts("SELECT id || ' ' || left(detail, 100) FROM refusals"), "\n"))
	}
	r.verify()
}

// line is a command as upstream writes it.
func (r *rig) line(c jobs.Command) []byte {
	return bytes.TrimSpace(mustJSON(r.t, c))
}

// A task waits while Postgres is away, and is taken from another worker's hands.
func TestCarriedCommandsOutliveAWorkerWithoutPostgres(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p, through := newProxy(t, r.databaseURL, 2) // every other commit is reported as failed
	r.work(through)
	r.work(r.databaseURL)
	r.catalog()
	r.hurry()
	for i := range 40 {
		r.viaRedis(nil, buyLot(fmt.Sprintf("b%d", i), 1))
	}
	for i := range 40 {
		r.becomes("default", fmt.Sprintf("b%d", i), "applied")
	}
	if n := r.number("SELECT count(*) FROM lots"); n != 40 {
		t.Errorf("%d lots, %d answers lost", n, p.lost.Load())
	}
	r.verify()
}
