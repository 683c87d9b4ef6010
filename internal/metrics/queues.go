package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/licenseledger/licenseledger/jobs"
)

// Queues says what is in Redis.
type Queues func(context.Context) ([]jobs.QueueFigures, error)

// Probe is an error while Redis takes no writes.
type Probe func(context.Context) error

var (
	redisUp    = desc("redis_up", "1 if Redis takes writes, and the figures of the queues could be read.")
	queueTasks = desc("queue_tasks", "Tasks in Redis, by queue and state.", "queue", "state")
	queueAge   = desc("queue_oldest_pending_seconds", "Since the oldest task that nobody has taken came into its queue.", "queue")
)

// queues collects what Redis knows.
type queues struct {
	figures *cached[[]jobs.QueueFigures]
	writes  *cached[struct{}]
	now     func() time.Time
}

func newQueues(read Queues, probe Probe, now func() time.Time) *queues {
	return &queues{
		now: now, figures: &cached[[]jobs.QueueFigures]{now: now, keep: fresh, read: read},
		writes: &cached[struct{}]{now: now, keep: fresh, read: func(ctx context.Context) (struct{}, error) { return struct{}{}, probe(ctx) }},
	}
}

// Describe is asked for by Prometheus.
func (*queues) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{redisUp, queueTasks, queueAge} {
		out <- d
	}
}

// Collect is asked for by Prometheus.
func (q *queues) Collect(out chan<- prometheus.Metric) {
	figures, ok := q.figures.get()
	if !ok {
		tell(out, redisUp, 0)
		return
	}
	up := 0.0
	if _, writes := q.writes.get(); writes {
		up = 1
	}
	tell(out, redisUp, up)
	for _, f := range figures {
		for state, n := range f.Tasks {
			tell(out, queueTasks, float64(n), f.Queue, state)
		}
		age := 0.0
		if !f.OldestPendingSince.IsZero() {
			age = max(q.now().Sub(f.OldestPendingSince).Seconds(), 0)
		}
		tell(out, queueAge, age, f.Queue)
	}
}
