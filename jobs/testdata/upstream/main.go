// Command upstream is what a Go program outside the repository does with package jobs.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

func main() {
	if err := run(); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client, err := jobs.Connect(ctx, os.Getenv("DATABASE_URL"), os.Getenv("REDIS_URL"), nil)
	if err != nil {
		return err
	}
	defer client.Close()

	buy := func(id string, quantity domain.Quantity) jobs.Command {
		return jobs.New(id, "ada@northwind.example", domain.PurchaseStock{
			Contract: "C-NORTH", Account: "northwind", Product: "pro", Quantity: quantity,
		})
	}
	var problems jobs.Problems
	if _, err := client.Apply(ctx, buy("up-0", 0)); !errors.As(err, &problems) {
		return fmt.Errorf("no problem: %w", err)
	}
	fmt.Println("wrong:", problems)

	preview, err := client.Preview(ctx, buy("up-1", 3))
	if err != nil {
		return err
	}
	fmt.Println("would be", preview.Would)

	if err := client.Enqueue(ctx, buy("up-1", 3)); err != nil {
		return err
	}
	outcome, err := client.Apply(ctx, buy("up-1", 3)) // sent again, it is the same command
	if err != nil {
		return err
	}
	result, err := outcome.Read()
	if err != nil {
		return err
	}
	for _, lot := range result.Stock {
		fmt.Println(outcome.Status, lot.Lot, lot.Remaining)
	}
	later, err := client.Outcome(ctx, domain.DefaultSource, "up-1")
	if err != nil {
		return err
	}
	fmt.Println("later:", later.Status)
	if _, err := client.Outcome(ctx, domain.DefaultSource, "up-2"); !errors.Is(err, jobs.ErrNoCommand) {
		return fmt.Errorf("a command nobody sent: %w", err)
	}
	refused, err := client.Apply(ctx, buy("up-1", 4))
	if err != nil {
		return err
	}
	fmt.Println(refused.Status, *refused.Reason)
	return nil
}
