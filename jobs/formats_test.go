package jobs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/licenseledger/licenseledger/jobs"
)

// queued is a task as some version has put it into Redis. Lines are added to
// testdata/tasks.ndjson with every change of a format, but never changed.
type queued struct {
	What    string            `json:"what"`
	Type    string            `json:"type"`
	Headers map[string]string `json:"headers"`
	Payload string            `json:"payload"`
	Rows    []int64           `json:"rows"`     // that a doorbell names
	IDs     []string          `json:"commands"` // that the task carries
}

// Tasks that an earlier version has queued are read, and signed alike.
func TestQueuedTasksOutliveDeployments(t *testing.T) {
	t.Parallel()
	keys, err := jobs.ParseKeys("portal:k1:" + strings.Repeat("A", 43))
	check(t, err)
	for _, line := range lines(t, "testdata/tasks.ndjson") {
		var q queued
		check(t, json.Unmarshal([]byte(line), &q))
		task := asynq.NewTaskWithHeaders(q.Type, []byte(q.Payload), q.Headers)
		if q.Rows != nil {
			if seqs, err := jobs.RungFor(task); err != nil || !slices.Equal(seqs, q.Rows) {
				t.Errorf("%s: names %v, %v", q.What, seqs, err)
			}
			if p := jobs.Bell(q.Type, q.Rows).Payload(); string(p) != q.Payload {
				t.Errorf("%s: rung as %s now", q.What, p)
			}
			continue
		}
		if ids, refused := jobs.UnloadedIDs(task.Payload()); refused > 0 || !slices.Equal(ids, q.IDs) {
			t.Errorf("%s: carries %v, and %d that cannot be read", q.What, ids, refused)
		}
		if source := q.Headers["licenseledger-source"]; source != "" {
			if signed := keys.SignPayload(q.Type, source, []byte(q.Payload)); fmt.Sprint(signed.Headers()) != fmt.Sprint(q.Headers) {
				t.Errorf("%s: signed with %v now", q.What, signed.Headers())
			}
		}
	}
}

// A task of a newer format is neither refused nor given up, as often as an older
// worker takes it.
func TestANewerTaskIsLeftForANewerWorker(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.catalog()
	newer := asynq.NewTaskWithHeaders("carry:stock.burn", []byte(`{"id":"new","kind":"stock.burn","body":{}}`), map[string]string{"licenseledger-format": fmt.Sprint(jobs.TaskFormat + 1)})
	r.enqueue(1, newer)
	redis, err := jobs.OpenRedis(r.redisURL)
	check(t, err)
	defer redis.Close()
	inspector := asynq.NewInspectorFromRedisClient(redis)
	for until := time.Now().Add(40 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		tasks, err := inspector.ListRetryTasks(jobs.CommandQueue)
		check(t, err)
		if len(tasks) == 1 {
			if tasks[0].Retried != 0 {
				t.Errorf("an attempt of an older worker counts: %d", tasks[0].Retried)
			}
			break
		}
		if time.Now().After(until) {
			t.Fatal("the task does not wait for another worker")
		}
	}
	if n := r.number("SELECT count(*) FROM refusals"); n != 0 {
		t.Errorf("%d refusals", n)
	}
}

// A kind or a field that is new needs a new format, or workers of the version
// before refuse tasks that carry it.
func TestKindsAreOfTheirFormat(t *testing.T) {
	t.Parallel()
	var now strings.Builder
	for _, kind := range jobs.Kinds {
		var names []string
		for _, f := range kind.Fields() {
			names = append(names, f.Name)
		}
		fmt.Fprintf(&now, "%s %s\n", kind.Name, strings.Join(names, " "))
	}
	file := fmt.Sprintf("testdata/format-%d.txt", jobs.TaskFormat)
	if _, err := os.Stat(file); err != nil && *update {
		check(t, os.WriteFile(file, []byte(now.String()), 0o644))
	}
	known, err := os.ReadFile(file)
	check(t, err)
	if string(known) != now.String() {
		t.Errorf("kinds or fields are not those of format %d; once that was released, raise taskFormat in jobs/redis_client.go, have RedisClient name it in the header, and run go test ./jobs -run TestKindsAreOfTheirFormat -update\n%s",
			jobs.TaskFormat, now.String())
	}
}
