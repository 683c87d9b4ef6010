package jobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
)

// The figures are read past asynq, so they must be what asynq says.
func TestQueueFigures(t *testing.T) {
	t.Parallel()
	client, err := jobs.OpenRedis(testdb.Redis(t))
	check(t, err)
	defer client.Close()
	queue, inspector := asynq.NewClientFromRedisClient(client), asynq.NewInspectorFromRedisClient(client)
	began := time.Now()
	for range 3 {
		_, err := queue.Enqueue(asynq.NewTask("x", nil), asynq.Queue(jobs.Queue))
		check(t, err)
	}
	_, err = queue.Enqueue(asynq.NewTask("x", nil), asynq.Queue(jobs.Queue), asynq.ProcessIn(time.Hour))
	check(t, err)
	archived, err := queue.Enqueue(asynq.NewTask("x", nil), asynq.Queue(jobs.Queue))
	check(t, err)
	check(t, inspector.ArchiveTask(jobs.Queue, archived.ID))
	want, err := inspector.GetQueueInfo(jobs.Queue)
	check(t, err)
	figures, err := jobs.Queues(t.Context(), client)
	check(t, err)
	for _, f := range figures {
		if f.Queue != jobs.Queue {
			if f.Tasks["pending"] != 0 || !f.OldestPendingSince.IsZero() {
				t.Errorf("%+v", f)
			}
			continue
		}
		for state, n := range map[string]int{
			"pending": want.Pending, "active": want.Active, "scheduled": want.Scheduled, "retry": want.Retry, "archived": want.Archived,
		} {
			if f.Tasks[state] != int64(n) {
				t.Errorf("%d %s, asynq says %d", f.Tasks[state], state, n)
			}
		}
		if want.Pending != 3 || f.OldestPendingSince.Before(began.Add(-time.Second)) || f.OldestPendingSince.After(time.Now().Add(time.Second)) {
			t.Errorf("%d pending since %s", want.Pending, f.OldestPendingSince)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := jobs.Queues(ended, client); err == nil {
		t.Error("figures although nobody could be asked")
	}
}
