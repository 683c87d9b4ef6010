// Command worker processes commands, does what falls due, and sends mail.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // zones must not depend on the machine

	"github.com/licenseledger/licenseledger/internal/cmdline"
	"github.com/licenseledger/licenseledger/internal/settings"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/migrations"
)

// cli is what the worker can be told.
type cli struct {
	settings.Common
	checkFlags

	SMTPURL      string `name:"smtp-url" env:"SMTP_URL" placeholder:"URL" help:"Where mail goes: smtp://user:pass@host:587, smtps://host:465 or file:DIR."`
	MailFrom     string `name:"mail-from" env:"MAIL_FROM" placeholder:"ADDRESS" help:"Sender of mail."`
	MailReplyTo  string `name:"mail-reply-to" env:"MAIL_REPLY_TO" placeholder:"ADDRESS" help:"Where replies to mail go."`
	DKIMKeyFile  string `name:"dkim-key-file" env:"DKIM_KEY_FILE" placeholder:"FILE" help:"Key to sign mail with: RSA or Ed25519, in PEM."`
	DKIMDomain   string `name:"dkim-domain" env:"DKIM_DOMAIN" placeholder:"DOMAIN" help:"Domain that signs mail."`
	DKIMSelector string `name:"dkim-selector" env:"DKIM_SELECTOR" placeholder:"NAME" help:"Where receivers find the public key: NAME._domainkey.DOMAIN."`
	AdminAddr    string `name:"admin-addr" env:"ADMIN_ADDR" placeholder:"HOST:PORT" help:"Health, metrics and the console (default: 127.0.0.1:9464; off: none)."`
	AdminToken   string `name:"admin-token" env:"ADMIN_TOKEN" placeholder:"TOKEN" help:"What the console asks for; needed where ADMIN_ADDR can be reached from other machines."`
	Embedded     bool   `name:"embedded" help:"Start an own Postgres and Redis with their data in --data."`
	TestClock    bool   `name:"test-clock" help:"Let business time stand still until clock.advance moves it."`
	NoMigrate    bool   `name:"no-migrate" help:"Do not migrate the database first."`

	Version cmdline.VersionFlag `name:"version" help:"Show the version."`

	Run        struct{}          `cmd:"" default:"1" help:"Process commands, do what falls due, send mail (the default)."`
	Migrate    struct{}          `cmd:"" help:"Bring the database up to date and end."`
	Check      checkCommand      `cmd:"" help:"Verify the ledger: ok, or every discrepancy and exit 1."`
	Restored   struct{}          `cmd:"" help:"Say that the database was restored from a backup: holds mail and skips numbers. Before the first worker starts."`
	Completion completionCommand `cmd:"" help:"Print the completion script of a shell."`
	Man        struct{}          `cmd:"" help:"Print the manual page."`
}

func main() { os.Exit(run()) }

// garbagePercent lets the heap grow to three times what is in use before it is
// collected. What a batch makes is garbage when it ends, and what stays is
// small, so collecting less often costs little memory and saves processor.
const garbagePercent = 200

// memoryTarget is where it is collected earlier all the same, unless GOMEMLIMIT
// says another: large batches on all lanes would else take 300 MiB.
const memoryTarget = 150 << 20

func run() int {
	debug.SetGCPercent(garbagePercent)
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryTarget)
	}
	var c cli
	parser := newParser(&c)
	if err := settings.LoadEnvFile(os.Args[1:]); err != nil {
		return fail(2, err)
	}
	command, err := parser.Parse(os.Args[1:])
	if err != nil {
		return fail(2, fmt.Errorf("%w; `worker --help` shows what there is", err))
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the worker at once
	switch command.Command() {
	case "migrate":
		err = c.migrate(ctx)
	case "check":
		err = c.check(ctx)
	case "restored":
		err = c.restored(ctx)
	case "completion <shell>", "man":
		err = c.describe(parser, command.Command())
	default:
		err = c.work(ctx)
	}
	switch {
	case errors.Is(err, errDiscrepancies):
		return 1
	case errors.Is(err, settings.ErrMissing):
		return fail(2, err)
	case err != nil:
		return fail(1, err)
	}
	return 0
}

func fail(code int, err error) int {
	text, _ := cmdline.Advise(err)
	fmt.Fprintln(os.Stderr, "worker:", text)
	return code
}

func (c *cli) migrate(ctx context.Context) error {
	if err := c.FromData(); err != nil {
		return err
	}
	return migrations.Up(ctx, c.DatabaseURL)
}

var errDiscrepancies = errors.New("the ledger has discrepancies")

// check prints ok, or every discrepancy.
func (c *cli) check(ctx context.Context) error {
	if err := c.FromData(); err != nil {
		return err
	}
	ledger, err := store.Open(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	defer ledger.Close()
	found := []string{}
	err = ledger.Check(ctx, func(discrepancy string) {
		found = append(found, discrepancy)
		if !c.Check.JSON {
			fmt.Println(discrepancy)
		}
	})
	if err != nil {
		return err
	}
	switch {
	case c.Check.JSON:
		err = json.NewEncoder(os.Stdout).Encode(map[string]any{"ok": len(found) == 0, "discrepancies": found})
	case len(found) == 0:
		_, err = fmt.Println("ok")
	}
	if len(found) > 0 {
		return errDiscrepancies
	}
	return err
}
