package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"go.opentelemetry.io/otel/trace"

	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/traces"
)

// group is group commit for callers that each accept one command: what came
// while the last journal insert ran is the next insert, and rings once.
type group struct {
	store *store.Store
	bell  *bell

	mu      sync.Mutex
	waiting []*acceptance
	busy    bool
	running sync.WaitGroup
}

// acceptance is what one caller wants accepted.
type acceptance struct {
	instruction store.Instruction
	spans       []trace.SpanContext // of the caller
	ringsItself bool
	receipt     store.Receipt
	err         error         // of the insert
	done        chan struct{} // closed when the others are set
}

// acceptTimeout bounds an insert for callers who may have gone away meanwhile.
const acceptTimeout = 30 * time.Second

// accept returns when the journal has the command. A caller that rings itself has
// a task of its own.
func (g *group) accept(ctx context.Context, instructions []store.Instruction, ringsItself bool) ([]store.Receipt, error) {
	a := &acceptance{instruction: instructions[0], spans: traces.Of(ctx), ringsItself: ringsItself, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, a)
	if !g.busy {
		g.busy = true
		g.running.Go(g.run)
	}
	g.mu.Unlock()
	select {
	case <-a.done:
		return []store.Receipt{a.receipt}, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// run accepts until nobody waits. It tells the callers before it rings: what is
// in the journal is accepted.
func (g *group) run() {
	for {
		g.mu.Lock()
		together := g.waiting[:min(len(g.waiting), packSize)]
		g.waiting = g.waiting[len(together):]
		g.busy = len(together) > 0
		g.mu.Unlock()
		if len(together) == 0 {
			return
		}
		g.insert(together)
	}
}

func (g *group) insert(together []*acceptance) {
	ctx, cancel := context.WithTimeout(context.Background(), acceptTimeout)
	defer cancel()
	instructions := make([]store.Instruction, len(together))
	for i, a := range together {
		instructions[i] = a.instruction
	}
	receipts, err := g.store.Accept(ctx, instructions, false)
	if err != nil && len(together) > 1 && !store.Unreachable(err) && !store.Transient(err) {
		for _, a := range together { // one that cannot be written must not harm the others
			g.insert([]*acceptance{a})
		}
		return
	}
	for i, a := range together {
		if a.err = err; err == nil {
			a.receipt = receipts[i]
		}
		close(a.done)
	}
	if err == nil {
		g.ring(ctx, together)
	}
}

// ring rings once for all that do not ring themselves.
func (g *group) ring(ctx context.Context, together []*acceptance) {
	var instructions []store.Instruction
	var receipts []store.Receipt
	var spans []trace.SpanContext
	for _, a := range together {
		if !a.ringsItself {
			instructions, receipts, spans = append(instructions, a.instruction), append(receipts, a.receipt), append(spans, a.spans...)
		}
	}
	g.bell.ring(ctx, instructions, receipts, spans)
}

// bell tells the worker of what was accepted. If Redis cannot be reached, the
// sweeper finds the commands in the journal.
type bell struct {
	client *asynq.Client
	queues []string
	log    *slog.Logger

	resting atomic.Bool // it could not be rung a moment ago
}

const (
	ringTimeout = 5 * time.Second
	// bellRest is how long a bell that cannot be rung is left alone, so that
	// accepting does not wait for it every time.
	bellRest = 5 * time.Second
)

func (b *bell) ring(ctx context.Context, instructions []store.Instruction, receipts []store.Receipt, spans []trace.SpanContext) {
	var seqs []int64
	kind := ""
	for i, r := range receipts {
		if r.Waits && r.Refused == nil {
			seqs, kind = append(seqs, r.Seq), instructions[i].Kind
		}
	}
	if len(seqs) == 0 || b.resting.Load() {
		return
	}
	if len(seqs) > 1 {
		kind = BatchTask
	}
	ctx, cancel := context.WithTimeout(ctx, ringTimeout)
	defer cancel()
	ctx, heard := listen(ctx)
	_, err := b.client.EnqueueContext(ctx, newTask(anyOf(b.queues), kind, seqs, traces.Write(spans)))
	if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) { // a conflict: its first reply was lost
		b.resting.Store(true)
		time.AfterFunc(bellRest, func() { b.resting.Store(false) })
		if *heard != nil {
			err = *heard
		}
		b.log.Warn("Redis did not take the doorbell; the commands are accepted and will be found in the journal", "error", err)
	}
}
