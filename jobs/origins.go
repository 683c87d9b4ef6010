package jobs

import (
	"context"
	"maps"
	"sync"

	"github.com/hibiken/asynq"
	"go.opentelemetry.io/otel/trace"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/traces"
)

// origins are the spans that handed over the commands under way, so that a batch
// can say which it came from. While traces are off there are none.
type origins struct {
	mu sync.Mutex
	of map[int64][]trace.SpanContext
}

func (o *origins) note(seqs []int64, spans []trace.SpanContext) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.of == nil {
		o.of = map[int64][]trace.SpanContext{}
	}
	for _, seq := range seqs {
		o.of[seq] = spans
	}
}

func (o *origins) forget(seqs []int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, seq := range seqs {
		delete(o.of, seq)
	}
}

func (o *origins) all(run []*domain.Envelope) (spans []trace.SpanContext) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.of) == 0 {
		return nil
	}
	for _, c := range run {
		spans = append(spans, o.of[c.Seq]...)
	}
	return traces.Distinct(spans)
}

// traced has a task's handler know who handed it over.
func traced(handle func(context.Context, *asynq.Task) error) asynq.HandlerFunc {
	return func(ctx context.Context, task *asynq.Task) error {
		return handle(traces.Receive(ctx, task.Headers()), task)
	}
}

// withHeaders adds headers to a task that may have some.
func withHeaders(task *asynq.Task, more map[string]string) *asynq.Task {
	if len(more) == 0 {
		return task
	}
	headers := maps.Clone(task.Headers())
	if headers == nil {
		headers = map[string]string{}
	}
	maps.Copy(headers, more)
	return asynq.NewTaskWithHeaders(task.Type(), task.Payload(), headers)
}
