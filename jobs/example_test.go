package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

// An upstream buys stock and shows what it got.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client, err := jobs.Connect(ctx, os.Getenv("DATABASE_URL"), os.Getenv("REDIS_URL"), slog.Default())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	command := jobs.New("po-2026-0042", "ada@northwind.example", domain.PurchaseStock{
		Contract: "C-1", Account: "northwind", Product: "pro", Quantity: 100,
	})
	outcome, err := client.Apply(ctx, command)
	if err != nil {
		fmt.Println(err)
		return
	}
	if outcome.Status == jobs.Rejected {
		fmt.Println("refused:", *outcome.Reason, *outcome.Detail)
		return
	}
	result, err := outcome.Read()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, lot := range result.Stock {
		fmt.Println(lot.Lot, lot.Remaining, "until", lot.ExpiresOn)
	}
}

// What is wrong with a command is said before anything is sent, for each field.
func ExampleProblems() {
	command := jobs.New("po 1", "ada@northwind.example", domain.PurchaseStock{Contract: "C-1", Account: "northwind", Product: "pro"})
	if problems := command.Check(); len(problems) > 0 {
		for _, p := range problems {
			fmt.Printf("%s %s\n", p.Field, p.What)
		}
	}
	// Output:
	// id "po 1" must be 1 to 128 of A-Za-z0-9._:/@+-
	// quantity 0 is not between 1 and 1000000
}

// Commands can also be read as the JSON that other upstreams write.
func ExampleParse() {
	command, problems := jobs.Parse([]byte(`{"id":"o-7","kind":"order.cancel","actor":"mia@acme.example","body":{"ordr":"o-1"}}`))
	fmt.Println(command.ID, command.Kind)
	for _, p := range problems {
		fmt.Println(p)
	}
	// Output:
	// o-7 order.cancel
	// order: is required
	// ordr: is not a field here; did you mean order?
}

// Errors say what is in the way; a rule that refuses is none.
func ExampleClient_Apply() {
	deliver := func(ctx context.Context, client *jobs.Client, command jobs.Command) string {
		outcome, err := client.Apply(ctx, command)
		var problems jobs.Problems
		var refused *jobs.RefusedError
		switch {
		case errors.As(err, &problems):
			return "mend " + problems[0].Field
		case errors.As(err, &refused):
			return "sign with a key that is valid"
		case errors.Is(err, jobs.ErrUnreachable), errors.Is(err, jobs.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
			return "send the same again later" // the id makes that safe
		case err != nil:
			return err.Error()
		}
		return string(outcome.Status)
	}
	_ = deliver
}

// Many commands travel together. Serial decides each after the one before.
func ExampleClient_Do() {
	load := func(ctx context.Context, client *jobs.Client, commands []jobs.Command) error {
		outcomes, err := client.Do(ctx, commands, jobs.Run{
			Serial: true, Wait: true, Timeout: time.Minute,
			Progress: func(accepted, decided int) { slog.Info("loading", "accepted", accepted, "decided", decided) },
		})
		for _, o := range outcomes {
			if o.Status != jobs.Applied {
				slog.Warn("not applied", "id", o.ID, "status", o.Status, "reason", o.Reason)
			}
		}
		return err
	}
	_ = load
}

// A preview's token makes a command good for what the preview has shown only.
func ExampleClient_Preview() {
	buy := func(ctx context.Context, client *jobs.Client, command jobs.Command, agreed func(jobs.Preview) bool) (jobs.Outcome, error) {
		preview, err := client.Preview(ctx, command)
		if err != nil || !agreed(preview) {
			return jobs.Outcome{}, err
		}
		command.Preview = preview.Token
		return client.Apply(ctx, command) // rejected as preview_stale if anything has changed
	}
	_ = buy
}
