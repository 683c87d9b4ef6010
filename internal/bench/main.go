// Command bench measures LicenseLedger on this machine: it starts the worker
// with servers of its own, puts load on it, compares it with what the parts it
// is made of can do alone, checks every outcome and the ledger, and writes the
// figures.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
)

// options are the size of a run.
type options struct {
	root   string // of the repository, with bin/worker and bin/enqueue
	dir    string // on the disk to be measured
	rounds int    // after a warm-up
	only   string // letters of the figures wanted; empty: all

	singles   int           // commands of A and B
	packed    int           // commands of C and G
	peers     int           // jobs of River
	slow      int           // commands of one transaction each, for B
	workers   int           // commands for each number of workers
	perSecond int           // commands of E
	spell     time.Duration // of E
	probes    int           // commands of E one after the other
	small     int           // commands in the small ledger of F
	big       int           // and in the big one
	grown     int           // commands measured in each

	subscriptions int // whose month J1 closes
	licenses      int // that expire in J2
	pdfs          int // of J3
	mails         int // of J4
}

var (
	full = options{
		rounds: 5, singles: 20_000, packed: 200_000, peers: 10_000, slow: 5_000, workers: 50_000,
		perSecond: 200, spell: 20 * time.Second, probes: 500, small: 12_500, big: 1_250_000, grown: 20_000,
		subscriptions: 20_000, licenses: 50_000, pdfs: 500, mails: 2_000,
	}
	quick = options{
		rounds: 1, only: "ABCDE", singles: 10_000, packed: 20_000, peers: 3_000, slow: 1_500,
		perSecond: 200, spell: 3 * time.Second, probes: 100,
	}
)

func main() { os.Exit(run()) }

func run() int {
	small := flag.Bool("quick", false, "smaller counts, and the ratios alone on stdout")
	slowWorker := flag.String("slow-worker", "", "run as a worker of one command per transaction on this folder's servers")
	root := flag.String("root", "../..", "the repository, with what `make build` makes in bin")
	only := flag.String("only", "", "letters of the figures wanted")
	rounds := flag.Int("rounds", 0, "rounds after the warm-up")
	page := flag.String("o", "", "file for the page")
	figuresFile := flag.String("json", "", "file for the figures as JSON")
	date := flag.String("date", "", "date to put on the page")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *slowWorker != "" {
		return status(workSlowly(ctx, *slowWorker))
	}
	debug.SetGCPercent(200) // as the worker does, for what is measured in this process
	o := full
	if *small {
		o = quick
	}
	o.root, o.dir = *root, filepath.Join(*root, "bin")
	o.rounds, o.only = cmp.Or(*rounds, o.rounds), cmp.Or(*only, o.only)
	r, err := measure(ctx, o)
	if err == nil && *page != "" {
		err = r.measureSizes(ctx, o.root)
	}
	r.Date, r.Command = *date, strings.Join(append([]string{"internal/bench"}, os.Args[1:]...), " ")
	if *small {
		fmt.Fprint(os.Stdout, r.lines())
	} else {
		fmt.Fprint(os.Stdout, r.table())
	}
	if err == nil {
		err = r.write(*page, *figuresFile, o.rounds)
	}
	return status(err)
}

func status(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	return 0
}

// measure takes the figures that are wanted on one stack, and checks the ledger
// that all this has left behind.
func measure(ctx context.Context, o options) (r report, err error) {
	err = onStack(ctx, o, func(s *stack) error {
		b := &bench{options: o, stack: s, now: time.Now}
		if r.Machine, err = b.describe(ctx); err != nil {
			return err
		}
		if err := b.prepare(ctx); err != nil {
			return err
		}
		for _, m := range measurements {
			if o.only != "" && !strings.ContainsAny(m.letters, o.only) {
				continue
			}
			figures, err := m.take(b, ctx)
			if err != nil {
				return fmt.Errorf("measuring %s: %w", m.letters, err)
			}
			r.Figures = append(r.Figures, figures...)
		}
		return b.verify(ctx)
	})
	return r, err
}

// measurements are taken in this order. What belongs together is interleaved.
var measurements = []struct {
	letters string
	take    func(*bench, context.Context) ([]figure, error)
}{
	{"E", (*bench).latency}, // first, while the machine is cool and the ledger small
	{"AB", (*bench).singleCommands},
	{"CDGH", (*bench).files},
	{"I", (*bench).severalWorkers},
	{"J1", (*bench).closing}, // `-only J` are all of them, `-only 1` this one
	{"J2", (*bench).expiry},
	{"J3", (*bench).drawing},
	{"J4", (*bench).mailing},
	{"F", (*bench).growth},
}
