package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/licenseledger/licenseledger/jobs"
)

// Queues says what is in Redis.
type Queues func(context.Context) ([]jobs.QueueFigures, error)

var (
	redisUp    = desc("redis_up", "1 if the figures of the queues could be read from Redis.")
	queueTasks = desc("queue_tasks", "Tasks in Redis, by queue and state.", "queue", "state")
	queueAge   = desc("queue_oldest_pending_seconds", "Since the oldest task that nobody has taken came into its queue.", "queue")
)

// queues collects what Redis knows.
type queues struct {
	figures *cached[[]jobs.QueueFigures]
	now     func() time.Time
}

func newQueues(read Queues, now func() time.Time) *queues {
	return &queues{now: now, figures: &cached[[]jobs.QueueFigures]{now: now, keep: fresh, read: read}}
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
	tell(out, redisUp, 1)
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
