package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/trace"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/traces"
)

// Client hands commands over: into the journal first, then a ring for the
// worker. Once the journal has a command it is not lost, whatever becomes of Redis.
type Client struct {
	store *store.Store
	redis redis.UniversalClient
	bell  *bell
	group *group
	keys  Keys
	log   *slog.Logger
}

// Connect opens the journal and the queue. Redis need not be reachable. The log
// is told what delays commands; nil for none.
func Connect(ctx context.Context, databaseURL, redisURL string, log *slog.Logger) (*Client, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	queue, err := OpenRedis(redisURL)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, databaseURL)
	if err != nil {
		return nil, errors.Join(unreachable(err), queue.Close())
	}
	b := &bell{client: asynq.NewClientFromRedisClient(queue), queues: queuesOn(queue), log: log}
	return &Client{store: s, redis: queue, bell: b, group: &group{store: s, bell: b}, log: log}, nil
}

// SignWith has the client sign what it sends for the sources of these keys.
func (c *Client) SignWith(keys Keys) { c.keys = keys }

// Store is the ledger behind the client, for reports.
func (c *Client) Store() *store.Store { return c.store }

// Close rings for what was accepted and ends all connections.
func (c *Client) Close() error {
	c.group.running.Wait()
	c.store.Close()
	return c.redis.Close()
}

// packSize is how many commands one task names at most.
const packSize = DefaultBatchCap

// Run hands over commands and, if asked to, waits for their outcomes.
type Run struct {
	Serial  bool          // each decided after the one before
	Wait    bool          // until every command has its outcome
	Timeout time.Duration // without progress; 0 waits for nothing
	OwnTask bool          // a single command shares no task with what others send meanwhile
	// Progress is told how many commands are accepted and have outcomes.
	Progress func(accepted, decided int)
}

// ErrTimeout says that nothing moved for the timeout of a run.
var ErrTimeout = errors.New("no progress")

// Enqueue accepts one command and returns when it is in the journal.
func (c *Client) Enqueue(ctx context.Context, command Command) error {
	outcomes, err := c.Do(ctx, []Command{command}, Run{Timeout: 30 * time.Second})
	if err == nil && outcomes[0].Status == Rejected {
		return &RefusedError{outcomes[0]}
	}
	return err
}

// Apply accepts one command and waits for its outcome, as long as the context
// lasts and a worker makes progress. With ErrTimeout the outcome is Waiting.
func (c *Client) Apply(ctx context.Context, command Command) (Outcome, error) {
	const patience = 5 * time.Minute
	outcomes, err := c.Do(ctx, []Command{command}, Run{Wait: true, Timeout: patience})
	if len(outcomes) == 0 {
		return Outcome{ID: command.ID, Kind: command.Kind, Status: Waiting}, err
	}
	return outcomes[0], err
}

// Do runs commands. With Wait it returns one outcome per command, in order;
// those that are not known when the timeout strikes have the status waiting. It
// rides out lost connections: accepting twice is accepting once.
func (c *Client) Do(ctx context.Context, commands []Command, run Run) ([]Outcome, error) {
	outcomes := make([]Outcome, len(commands))
	for i := range commands {
		if commands[i].checked == nil {
			if problems := commands[i].Check(); len(problems) > 0 {
				return nil, fmt.Errorf("command %s: %w", commands[i].ID, problems)
			}
		}
		outcomes[i] = Outcome{ID: commands[i].ID, Kind: commands[i].Kind, Status: store.Waiting}
	}
	p := &progress{client: c, run: run, commands: commands, outcomes: outcomes, waiting: map[int64][]int{}}
	for from := 0; from < len(commands); {
		to := p.chunkEnd(from)
		if err := p.accept(ctx, from, to); err != nil {
			return outcomes, err
		}
		from = to
		if run.Serial {
			if err := p.wait(ctx); err != nil {
				return outcomes, err
			}
		}
	}
	if run.Wait {
		return outcomes, p.wait(ctx)
	}
	return outcomes, nil
}

// progress is one run under way.
type progress struct {
	client   *Client
	run      Run
	commands []Command
	outcomes []Outcome
	waiting  map[int64][]int // commands without an outcome; several if an id comes twice
	order    []int64         // of what waits, oldest first
	accepted int
	decided  int
}

// chunkEnd is where the next part to accept ends. Nothing after a clock.advance
// is accepted in serial order before it has its outcome.
func (p *progress) chunkEnd(from int) int {
	to := min(from+packSize, len(p.commands))
	if !p.run.Serial {
		return to
	}
	for i := from; i < to; i++ {
		if domain.ClassOf(p.commands[i].Kind) == domain.Control {
			return i + 1
		}
	}
	return to
}

func (p *progress) accept(ctx context.Context, from, to int) (err error) {
	ctx, end := traces.Span(ctx, "enqueue", trace.SpanKindProducer, to-from)
	defer func() { end(err) }()
	instructions := make([]store.Instruction, 0, to-from)
	for _, c := range p.commands[from:to] {
		instructions = append(instructions, p.client.keys.sign(c.entry))
	}
	accept := p.acceptTogether
	if p.run.Serial || len(instructions) > 1 {
		accept = p.acceptAlone
	}
	var receipts []store.Receipt
	err = p.patiently(ctx, "accepting commands", func() (err error) {
		receipts, err = accept(ctx, instructions)
		return err
	})
	if err != nil {
		return err
	}
	for i, r := range receipts {
		if r.Refused != nil {
			p.outcomes[from+i] = refused(p.commands[from+i], r.Refused, r.At)
			p.decided++
			continue
		}
		if p.waiting[r.Seq] == nil {
			p.order = append(p.order, r.Seq)
		}
		p.waiting[r.Seq] = append(p.waiting[r.Seq], from+i)
	}
	p.accepted += len(receipts)
	p.report()
	return nil
}

func (p *progress) acceptTogether(ctx context.Context, instructions []store.Instruction) ([]store.Receipt, error) {
	receipts, err := p.client.group.accept(ctx, instructions, p.run.OwnTask)
	if err == nil && p.run.OwnTask {
		p.client.bell.ring(ctx, instructions, receipts, traces.Of(ctx))
	}
	return receipts, err
}

func (p *progress) acceptAlone(ctx context.Context, instructions []store.Instruction) ([]store.Receipt, error) {
	receipts, err := p.client.store.Accept(ctx, instructions, p.run.Serial)
	if err == nil {
		p.client.bell.ring(ctx, instructions, receipts, traces.Of(ctx))
	}
	return receipts, err
}

func refused(c Command, r *domain.Rejection, at time.Time) Outcome {
	return ReadOutcome(c.ID, c.Kind, domain.Outcome{Status: domain.Rejected, Reason: r.Reason, Detail: r.Detail, At: at})
}

// wait polls until everything accepted has its outcome: often at first and after
// progress, seldom while nothing moves. Who waits for many gains nothing from
// hearing of the next few at once.
func (p *progress) wait(ctx context.Context) error {
	const shortest, longest, unhurried = 2 * time.Millisecond, 50 * time.Millisecond, 20 * time.Millisecond
	interval, idle := shortest, time.Duration(0)
	for len(p.order) > 0 {
		before := p.decided
		if err := p.patiently(ctx, "asking for outcomes", func() error { return p.collect(ctx) }); err != nil {
			return err
		}
		if p.decided > before {
			interval, idle = shortest, 0
			p.report()
		}
		if len(p.order) == 0 || p.decided-before >= packSize {
			continue
		}
		if len(p.order) > packSize {
			interval = max(interval, unhurried)
		}
		if idle >= p.run.Timeout {
			return ErrTimeout
		}
		if err := pause(ctx, interval); err != nil {
			return err
		}
		idle += interval
		interval = min(interval*5/4, longest)
	}
	return nil
}

// collect asks for the oldest outstanding outcomes.
func (p *progress) collect(ctx context.Context) error {
	oldest := p.order[:min(len(p.order), packSize)]
	outcomes, err := p.client.store.Outcomes(ctx, oldest)
	if err != nil {
		return err
	}
	for _, o := range outcomes {
		for _, i := range p.waiting[o.Seq] {
			p.outcomes[i] = ReadOutcome(p.commands[i].ID, p.commands[i].Kind, o)
			p.decided++
		}
		delete(p.waiting, o.Seq)
	}
	left := slices.DeleteFunc(slices.Clone(oldest), func(seq int64) bool { return p.waiting[seq] == nil })
	p.order = p.order[len(oldest)-len(left):]
	copy(p.order, left)
	return nil
}

// patiently repeats what failed because Postgres could not be reached, until
// the run's timeout.
func (p *progress) patiently(ctx context.Context, what string, do func() error) error {
	const between = 500 * time.Millisecond
	for waited := time.Duration(0); ; waited += between {
		err := do()
		if err == nil || ctx.Err() != nil || !store.Unreachable(err) && !store.Transient(err) {
			return unreachable(err)
		}
		if waited >= p.run.Timeout {
			return unreachable(err)
		}
		if waited == 0 {
			p.client.log.Warn("Postgres cannot be reached; trying again", "while", what, "error", err)
		}
		if err := pause(ctx, between); err != nil {
			return err
		}
	}
}

func (p *progress) report() {
	if p.run.Progress != nil {
		p.run.Progress(p.accepted, p.decided)
	}
}
