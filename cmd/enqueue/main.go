// Command enqueue hands commands to LicenseLedger and shows what became of them.
//
// main.go reads the arguments, kinds.go makes one subcommand per kind of
// command, run.go sends files of commands, show.go shows the reports.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/redis/go-redis/v9"

	"github.com/licenseledger/licenseledger/internal/cmdline"
	"github.com/licenseledger/licenseledger/internal/settings"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/traces/export"
	"github.com/licenseledger/licenseledger/jobs"
)

// What the exit code says.
const (
	exitApplied     = 0
	exitRejected    = 1 // or dead
	exitInvalid     = 2 // wrong usage or invalid input
	exitUnreachable = 3 // or timed out
)

// commandLine is everything but the kinds.
type commandLine struct {
	settings.Common
	SourceKey string `name:"source-key" env:"SOURCE_KEY" placeholder:"KEY" help:"Key to sign with, as enqueue source printed it; several with commas. Better in the environment or a file than here, where others see it."`
	JSON      bool   `name:"json" help:"Print JSON, also on a terminal; what is wrong as JSON on stderr."`

	Version cmdline.VersionFlag `name:"version" help:"Show the version."`

	Run        runCommand        `cmd:"" help:"Send commands: one JSON object a line."`
	Preview    previewCommand    `cmd:"" help:"Show what commands would do, without doing it."`
	Show       showCommand       `cmd:"" help:"Show an outcome or a report." group:"Reports:"`
	Invoice    invoiceCommand    `cmd:"" help:"Get an invoice as a file." group:"Reports:"`
	Events     eventsCommand     `cmd:"" help:"Show what happened, as it happens with --follow." group:"Reports:"`
	CloseMonth closeMonthCommand `cmd:"" name:"close-month" help:"Close what is due of a month, or show what would be invoiced." group:"For the operator:"`
	Retry      retryCommand      `cmd:"" help:"Put a dead command back." group:"For the operator:"`
	Mail       mailCommand       `cmd:"" help:"Mails that have been written." group:"For the operator:"`
	Clock      clockCommand      `cmd:"" help:"Business time." group:"For the operator:"`
	Source     sourceCommand     `cmd:"" help:"Upstreams with keys and limits." group:"For the operator:"`
	Serve      serveCommand      `cmd:"" help:"Take commands over HTTP, and show what became of them." group:"For the operator:"`
	Webhook    webhookCommand    `cmd:"" help:"Places to which events are sent." group:"For the operator:"`
	Schema     schemaCommand     `cmd:"" help:"Print the JSON Schema of commands, for other tools." group:"About enqueue:"`
	Completion completionCommand `cmd:"" help:"Print the completion script of a shell." group:"About enqueue:"`
	Man        manCommand        `cmd:"" help:"Print the manual page." group:"About enqueue:"`
}

// untilInterrupted is how long what is under way may take to end after a signal:
// reading a terminal, say, ends for no context. Serving has requests to answer.
var untilInterrupted atomic.Int64

func main() {
	untilInterrupted.Store(int64(time.Second))
	redis.SetLogger(quiet{}) // what matters comes back as an error
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	done := make(chan int, 1)
	go func() { done <- run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr) }()
	select {
	case code := <-done:
		os.Exit(code)
	case <-ctx.Done():
	}
	stop() // a second signal ends the process at once
	select {
	case code := <-done:
		os.Exit(code)
	case <-time.After(time.Duration(untilInterrupted.Load())):
		fmt.Fprintln(os.Stderr, "enqueue: interrupted")
		os.Exit(exitUnreachable)
	}
}

type quiet struct{}

func (quiet) Printf(context.Context, string, ...any) {}

// app is one call of enqueue.
type app struct {
	ctx      context.Context
	settings *settings.Common
	keys     jobs.Keys
	json     bool
	in       io.Reader
	out, err io.Writer
	// resume is what to say when it is interrupted.
	resume func() string
}

// exitStatus ends enqueue with a code; what there is to say has been said.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit %d", int(s)) }

// invalid is what the user has to mend.
type invalid struct{ error }

func invalidf(format string, args ...any) error { return invalid{fmt.Errorf(format, args...)} }

func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) (code int) {
	defer func() {
		switch value := recover().(type) {
		case nil:
		case exitStatus: // kong has shown the help
			code = int(value)
		default:
			panic(value)
		}
	}()
	a := &app{ctx: ctx, in: in, out: out, err: errs, json: slices.Contains(args, "--json"), resume: func() string { return "" }}
	err := a.dispatch(args)
	var status exitStatus
	switch {
	case err == nil:
		return exitApplied
	case errors.As(err, &status):
		return int(status)
	case ctx.Err() != nil:
		return a.fail(exitUnreachable, strings.TrimSuffix("interrupted: "+a.resume(), ": "))
	case errors.As(err, &invalid{}):
		return a.fail(exitInvalid, err.Error())
	case errors.Is(err, syscall.EPIPE): // whoever read has seen enough
		return exitApplied
	}
	return a.fail(exitUnreachable, advise(err))
}

// fail says what is wrong, and returns the exit code.
func (a *app) fail(code int, text string) int {
	if a.json {
		_ = newEncoder(a.err).Encode(failure{Error: text, Exit: code}) // there is nobody else to tell
	} else {
		a.say("%s", text)
	}
	return code
}

// failure is what --json says on stderr.
type failure struct {
	Error string `json:"error"`
	Exit  int    `json:"exit"`
}

func (a *app) dispatch(args []string) error {
	if err := settings.LoadEnvFile(args); err != nil {
		return invalid{err}
	}
	var line commandLine
	forms := newForms()
	parser, err := newParser(&line, forms, a)
	if err != nil {
		return fmt.Errorf("building the command line: %w", err)
	}
	parsed, err := parser.Parse(joinNegative(args))
	if err != nil {
		return invalidf("%w\nenqueue: `enqueue --help` shows the commands, `enqueue COMMAND --help` the flags of one", err)
	}
	a.settings, a.json = &line.Common, line.JSON
	if a.keys, err = jobs.ParseKeys(line.SourceKey); err != nil {
		return invalidf("SOURCE_KEY: %w", err)
	}
	stopTraces, err := export.Start(a.ctx, "licenseledger-enqueue", line.Logger())
	if err != nil {
		return invalid{err}
	}
	defer stopTraces()
	if form := forms[parsed.Selected().Name]; form != nil {
		return form.run(a)
	}
	return parsed.Run(a, parser, forms)
}

func newParser(line *commandLine, forms map[string]*form, a *app) (*kong.Kong, error) {
	options := append(cmdline.Options(),
		kong.Name("enqueue"),
		kong.Description("Sends commands to LicenseLedger and shows what became of them.\n\n"+
			"Exit codes: 0 all applied, 1 something rejected or dead, 2 wrong usage or invalid input, "+
			"3 cannot reach what it needs, timed out or interrupted."),
		kong.Vars{"log_format": "text"},
		kong.Writers(a.out, a.err),
		kong.Exit(func(code int) { panic(exitStatus(code)) }),
	)
	for _, k := range jobs.Kinds { // in the order of the table
		if form := forms[k.Name]; form != nil {
			options = append(options, form.command())
		}
	}
	options = append(options, kong.PostBuild(func(k *kong.Kong) error {
		for _, flag := range k.Model.Flags {
			if flag.Name != "help" && flag.Name != "json" && flag.Name != "version" {
				flag.Group = &kong.Group{Key: cmdline.SettingsGroup, Title: "Settings:"} // below the command's own
			}
		}
		explain(k.Model.Node, "", forms)
		return nil
	}))
	return kong.New(line, options...)
}

var negative = regexp.MustCompile(`^-[0-9]`)

// joinNegative writes `--delta -3` as `--delta=-3`: kong would take -3 for a flag.
func joinNegative(args []string) []string {
	var joined []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return append(joined, args[i:]...)
		}
		if strings.HasPrefix(arg, "--") && !strings.Contains(arg, "=") && i+1 < len(args) && negative.MatchString(args[i+1]) {
			arg += "=" + args[i+1]
			i++
		}
		joined = append(joined, arg)
	}
	return joined
}

// say tells people something.
func (a *app) say(format string, args ...any) {
	fmt.Fprintf(a.err, "enqueue: %s\n", fmt.Sprintf(format, args...))
}

// advise puts an error as one line that says what to do.
func advise(err error) string {
	text, known := cmdline.Advise(err)
	var reading *pgconn.ParseConfigError
	switch {
	case errors.Is(err, jobs.ErrTimeout):
		return "timed out: nothing moved any more; is a worker running? What is accepted stays accepted: ask with `enqueue show outcome`, or send the same again"
	case known, errors.Is(err, settings.ErrMissing), errors.As(err, &reading):
		return text
	case errors.Is(err, jobs.ErrRedisUnreachable):
		return text + "; is Redis running, and does REDIS_URL name it?"
	case errors.Is(err, jobs.ErrRedisFull):
		return text + "; free memory of Redis or raise its maxmemory, then send the same again"
	case store.Unreachable(err):
		return text + "; is Postgres running, and does DATABASE_URL name it?"
	}
	return text
}

// connectPatience is how long enqueue waits for a first connection to a server
// that does not even refuse it, or that is just starting.
const connectPatience = 10 * time.Second

// connect opens the journal and the queue.
func (a *app) connect() (*jobs.Client, error) {
	if err := a.settings.FromData(); err != nil {
		return nil, err
	}
	client, err := patiently(a.ctx, func(ctx context.Context) (*jobs.Client, error) {
		return jobs.Connect(ctx, a.settings.DatabaseURL, a.settings.RedisURL, a.settings.Logger())
	})
	if err == nil {
		client.SignWith(a.keys)
	}
	return client, err
}

// ledger opens the ledger, which is all that reports need.
func (a *app) ledger() (*store.Store, error) {
	if err := a.settings.FromData(); err != nil && a.settings.DatabaseURL == "" {
		return nil, err
	}
	return patiently(a.ctx, func(ctx context.Context) (*store.Store, error) { return store.Open(ctx, a.settings.DatabaseURL) })
}

func patiently[T any](ctx context.Context, open func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, connectPatience)
	defer cancel()
	for {
		opened, err := open(ctx)
		var refused *pgconn.PgError
		if err == nil || !errors.As(err, &refused) || !strings.HasPrefix(refused.Code, "57P") {
			return opened, err
		}
		select { // it is starting or stopping
		case <-ctx.Done():
			return opened, err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// terminal returns the width of the terminal a writer is, or 0.
func terminal(w io.Writer) int { return cmdline.Width(w) }
