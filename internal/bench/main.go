// Command bench measures LicenseLedger on this machine: it starts the worker
// with servers of its own, puts load on it, checks every outcome and the ledger,
// and writes a page with the figures.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// options are the size of a run.
type options struct {
	worker   string // the binary
	dir      string // on the disk to be measured
	commands int
	callers  int
	probes   int // commands sent one after the other to see the latency
}

func main() { os.Exit(run()) }

func run() int {
	var o options
	flag.StringVar(&o.worker, "worker", "bin/worker", "the worker to measure")
	flag.StringVar(&o.dir, "dir", "bin", "folder for the data; its disk is part of what is measured")
	flag.IntVar(&o.commands, "commands", 20_000, "commands per measurement")
	flag.IntVar(&o.callers, "callers", 64, "callers at once")
	flag.IntVar(&o.probes, "probes", 500, "commands to measure the latency with")
	page := flag.String("o", "", "file for the page; the figures go to stdout anyway")
	date := flag.String("date", "", "date to put on the page")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	f, err := measure(ctx, o)
	if err == nil {
		f.date, f.command = *date, strings.Join(append([]string{"go run ./internal/bench"}, os.Args[1:]...), " ")
		fmt.Fprint(os.Stdout, f.table())
	}
	if err == nil && *page != "" {
		err = os.WriteFile(*page, []byte(f.page()), 0o644) //nolint:gosec // a page for everybody
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

func measure(ctx context.Context, o options) (f figures, err error) {
	err = onStack(ctx, o, func(s *stack) error {
		b := &bench{options: o, stack: s, now: time.Now}
		machine, err := b.describe(ctx)
		if err != nil {
			return err
		}
		f, err = b.measure(ctx)
		f.machine = machine
		return err
	})
	return f, err
}
