package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

const (
	resellers = 10
	customers = 5_000
	lots      = 10 // per reseller and product
	lotSize   = 1_000_000
	callers   = 64
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

// prepare makes the catalog and fills the stock.
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

// random makes the same load in every run.
func (b *bench) random() *rand.Rand {
	return rand.New(rand.NewPCG(1, uint64(b.transfers)))
}

// moreTransfers makes transfers of one license each: to customers at random, or
// all out of one lot.
func (b *bench) moreTransfers(n int, hot bool) []jobs.Command {
	random := b.random()
	commands := make([]jobs.Command, n)
	for i := range commands {
		b.transfers++
		c := random.IntN(customers)
		p := products[random.IntN(len(products))]
		if hot {
			c, p = c-c%resellers, products[0]
		}
		commands[i] = jobs.New(fmt.Sprintf("transfer-%d", b.transfers), domain.UserID(fmt.Sprintf("u@r%d.example", c%resellers)), domain.TransferStock{
			From: domain.AccountID(fmt.Sprintf("r%d", c%resellers)), To: domain.AccountID(fmt.Sprintf("c%d", c)),
			Product: domain.ProductID(p), Quantity: 1,
		})
	}
	return commands
}

// file writes transfers as upstream would.
func (b *bench) file(n int, hot bool) (name string, err error) {
	name = filepath.Join(b.data, fmt.Sprintf("commands-%d.ndjson", b.transfers))
	f, err := os.Create(name)
	if err != nil {
		return "", err
	}
	encoder := json.NewEncoder(f)
	for _, c := range b.moreTransfers(n, hot) {
		if err := encoder.Encode(c); err != nil {
			return "", errors.Join(err, f.Close())
		}
	}
	return name, f.Close()
}

// fromCallers shares n calls out among the callers.
func fromCallers(n int, call func(i int) error) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, callers)
	for caller := range callers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && errs[caller] == nil; i = int(next.Add(1)) - 1 {
				errs[caller] = call(i)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// drained waits until nothing waits any more.
func (b *bench) drained(ctx context.Context) error {
	for {
		backlog, err := b.client.Store().Backlog(ctx)
		if err != nil || backlog.Waiting == 0 {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// verify checks the ledger that all this has left behind.
func (b *bench) verify(ctx context.Context) error {
	var discrepancies []error
	err := b.client.Store().Check(ctx, func(d string) { discrepancies = append(discrepancies, errors.New(d)) })
	return errors.Join(append(discrepancies, err)...)
}

// rate is how many a second it does of what do does n times.
func (b *bench) rate(n int, do func() error) (float64, error) {
	start := b.now()
	err := do()
	return float64(n) / b.now().Sub(start).Seconds(), err
}
