package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

const (
	resellers = 10
	customers = 5_000
	lots      = 10 // per reseller and product
	lotSize   = 100_000
	patience  = time.Minute
)

var products = []string{"pro", "basic"}

// bench is one run.
type bench struct {
	options
	*stack
	now func() time.Time

	transfers int // made so far
}

// measure takes all figures, one after the other, on the same ledger.
func (b *bench) measure(ctx context.Context) (f figures, err error) {
	if err := b.prepare(ctx); err != nil {
		return f, err
	}
	if f.latency, err = b.idleLatency(ctx); err != nil {
		return f, err
	}
	if f.singleAccepted, f.singleApplied, err = b.singles(ctx); err != nil {
		return f, err
	}
	if f.packed, err = b.packed(ctx); err != nil {
		return f, err
	}
	if f.asynq, err = b.asynqAlone(ctx); err != nil {
		return f, err
	}
	f.options = b.options
	return f, b.verify(ctx)
}

// prepare makes the catalog and fills the stock. Customers have no managers
// here, so that no mail is written: this is about the ledger.
func (b *bench) prepare(ctx context.Context) error {
	const address = `"address":{"line1":"1 Main Street","city":"Dublin","postal_code":"D01","country":"IE"}`
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	add(`{"id":"seller","kind":"seller.put","body":{"id":"seller","name":"Seller",%s,"email":"a@seller.example","finance_email":"a@seller.example","invoice_prefix":"S-"}}`, address)
	for _, p := range products {
		add(`{"id":"product-%[1]s","kind":"product.put","body":{"id":"%[1]s","name":"%[1]s","package":"starter"}}`, p)
	}
	for r := range resellers {
		add(`{"id":"reseller-%[1]d","kind":"account.put","body":{"id":"r%[1]d","kind":"reseller","name":"Reseller %[1]d",%[2]s}}`, r, address)
		add(`{"id":"user-%[1]d","kind":"user.put","body":{"id":"u@r%[1]d.example","account":"r%[1]d","name":"User","roles":["manager"]}}`, r)
		add(`{"id":"contract-%[1]d","kind":"contract.put","body":{"id":"C-%[1]d","seller":"seller","reseller":"r%[1]d","starts_on":"2020-01-01","currency":"EUR","time_zone":"Europe/Dublin",`+
			`"finance_emails":["f@r%[1]d.example"],"create_permission":["u@r%[1]d.example"],"products":[{"product":"pro","prices":{"term":"120"}},{"product":"basic","prices":{"term":"60"}}]}}`, r)
	}
	for c := range customers {
		add(`{"id":"customer-%[1]d","kind":"account.put","body":{"id":"c%[1]d","kind":"customer","parent":"r%[2]d","name":"Customer %[1]d",%[3]s,"package":"starter"}}`, c, c%resellers, address)
	}
	for r := range resellers {
		for _, p := range products {
			for n := range lots {
				add(`{"id":"purchase-%[1]d-%[2]s-%[3]d","kind":"stock.purchase","actor":"u@r%[1]d.example","body":{"contract":"C-%[1]d","account":"r%[1]d","product":"%[2]s","quantity":%[4]d}}`, r, p, n, lotSize)
			}
		}
	}
	commands := make([]jobs.Command, len(lines))
	for i, line := range lines {
		command, problems := jobs.Parse([]byte(line))
		if len(problems) > 0 {
			return fmt.Errorf("%s: %w", line, problems)
		}
		commands[i] = command
	}
	return b.apply(ctx, commands, jobs.Run{Serial: true})
}

// apply runs commands and insists on every one being applied.
func (b *bench) apply(ctx context.Context, commands []jobs.Command, run jobs.Run) error {
	run.Wait, run.Timeout = true, patience
	outcomes, err := b.client.Do(ctx, commands, run)
	if err != nil {
		return err
	}
	for _, o := range outcomes {
		if o.Status != domain.Applied {
			return fmt.Errorf("command %s is %s: %s", o.ID, o.Status, *cmp.Or(o.Detail, new(string)))
		}
	}
	return nil
}

// moreTransfers makes transfers of one license each, to customers at random.
func (b *bench) moreTransfers(n int) []jobs.Command {
	random := rand.New(rand.NewPCG(1, uint64(b.transfers))) //nolint:gosec // the same load in every run
	commands := make([]jobs.Command, n)
	for i := range commands {
		b.transfers++
		c := random.IntN(customers)
		commands[i] = jobs.New(fmt.Sprintf("transfer-%d", b.transfers), domain.UserID(fmt.Sprintf("u@r%d.example", c%resellers)), domain.TransferStock{
			From: domain.AccountID(fmt.Sprintf("r%d", c%resellers)), To: domain.AccountID(fmt.Sprintf("c%d", c)),
			Product: domain.ProductID(products[random.IntN(len(products))]), Quantity: 1,
		})
	}
	return commands
}

// idleLatency sends commands one after the other, from call to outcome.
func (b *bench) idleLatency(ctx context.Context) (latency, error) {
	var took []time.Duration
	for _, c := range b.moreTransfers(b.probes) {
		start := b.now()
		if err := b.apply(ctx, []jobs.Command{c}, jobs.Run{}); err != nil {
			return latency{}, err
		}
		took = append(took, b.now().Sub(start))
	}
	return latency{p50: percentile(took, 50), p99: percentile(took, 99)}, nil
}

func percentile(took []time.Duration, p int) time.Duration {
	slices.Sort(took)
	return took[len(took)*p/100]
}

// singles has many callers send one command at a time, each waiting until the
// ledger has accepted it; then it waits for the last outcome.
func (b *bench) singles(ctx context.Context) (accepted, applied time.Duration, err error) {
	commands := b.moreTransfers(b.commands)
	start := b.now()
	err = b.fromCallers(len(commands), func(i int) error { return b.client.Enqueue(ctx, commands[i]) })
	if err != nil {
		return 0, 0, err
	}
	accepted = b.now().Sub(start)
	for {
		backlog, err := b.client.Store().Backlog(ctx)
		if err != nil {
			return 0, 0, err
		}
		if backlog.Waiting == 0 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	applied = b.now().Sub(start)
	// Sending them again is answered with the outcomes they have.
	return accepted, applied, b.apply(ctx, commands, jobs.Run{})
}

// fromCallers shares n calls out among the callers.
func (b *bench) fromCallers(n int, call func(i int) error) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, b.callers)
	for caller := range b.callers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && errs[caller] == nil; i = int(next.Add(1)) - 1 {
				errs[caller] = call(i)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// packed hands all commands over in one call and waits for all outcomes.
func (b *bench) packed(ctx context.Context) (time.Duration, error) {
	commands := b.moreTransfers(b.commands)
	start := b.now()
	err := b.apply(ctx, commands, jobs.Run{})
	return b.now().Sub(start), err
}

// asynqAlone is the yardstick: as many tasks through the same Redis, with a
// handler that does nothing.
func (b *bench) asynqAlone(ctx context.Context) (time.Duration, error) {
	const otherDB = "?db=1" // the worker's tasks are in 0
	client, err := jobs.OpenRedis(b.redisURL + otherDB)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	var handled atomic.Int64
	done := make(chan struct{})
	server := asynq.NewServerFromRedisClient(client, asynq.Config{Concurrency: b.callers, LogLevel: asynq.ErrorLevel})
	err = server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		if handled.Add(1) == int64(b.commands) {
			close(done)
		}
		return nil
	}))
	if err != nil {
		return 0, err
	}
	defer server.Shutdown()
	queue := asynq.NewClientFromRedisClient(client)
	payload := b.moreTransfers(1)[0].Body
	start := b.now()
	err = b.fromCallers(b.commands, func(int) error {
		_, err := queue.EnqueueContext(ctx, asynq.NewTask("stock.transfer", payload))
		return err
	})
	if err != nil {
		return 0, err
	}
	select {
	case <-done:
		return b.now().Sub(start), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(patience):
		return 0, fmt.Errorf("asynq handled %d of %d tasks", handled.Load(), b.commands)
	}
}

// verify checks the ledger that all this has left behind.
func (b *bench) verify(ctx context.Context) error {
	var discrepancies []error
	err := b.client.Store().Check(ctx, func(d string) { discrepancies = append(discrepancies, errors.New(d)) })
	return errors.Join(append(discrepancies, err)...)
}
