package main

import (
	"fmt"
	"os"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

// runCommand sends a file of commands.
type runCommand struct {
	File    string        `arg:"" name:"file" help:"Commands, one JSON object a line; - for stdin."`
	Wait    bool          `name:"wait" help:"Wait for the outcomes and print them, one JSON object a line, in input order."`
	Serial  bool          `name:"serial" help:"Apply in input order, each command deciding after the one before; implies --wait."`
	Timeout time.Duration `name:"timeout" default:"5m" placeholder:"TIME" help:"How long to go on without progress (default: 5m)."`
	Via     string        `name:"via" enum:"journal,redis" default:"journal" placeholder:"WAY" help:"journal: through Postgres (the default). redis: through Redis alone, as durable as that Redis; then nothing can be waited for."`
}

// Run checks the whole file before it sends the first command.
func (c *runCommand) Run(a *app) error {
	commands, err := a.readCommands(c.File)
	if err != nil {
		return err
	}
	if len(commands) == 0 {
		return a.done(map[string]any{"accepted": 0}, "accepted 0")
	}
	wait := c.Wait || c.Serial
	if c.Via == "redis" {
		if wait {
			return invalidf("--via redis: outcomes are in Postgres and order is not kept, so there is neither --wait nor --serial; ask with `enqueue show outcome`")
		}
		return a.queue(commands)
	}
	client, err := a.connect()
	if err != nil {
		return err
	}
	defer client.Close()
	bar := newProgressLine(a.err, len(commands), wait)
	a.resume = bar.resume
	outcomes, err := client.Do(a.ctx, commands, jobs.Run{
		Serial: c.Serial, Wait: wait, Timeout: c.Timeout, Progress: bar.show,
	})
	bar.clear()
	if !wait {
		if err != nil {
			return err
		}
		return a.accepted(outcomes)
	}
	if printErr := a.printOutcomes(outcomes); printErr != nil {
		return fmt.Errorf("%w; the commands are sent: send them again to see the same outcomes", printErr)
	}
	if err != nil {
		return err
	}
	return verdict(outcomes)
}

// accepted says how many the journal has taken; what is not signed it has not.
func (a *app) accepted(outcomes []jobs.Outcome) error {
	unsigned := 0
	for _, o := range outcomes {
		if o.Reason != nil && *o.Reason == domain.SignatureInvalid {
			a.say("%s: %s: %s", o.ID, *o.Reason, *o.Detail)
			unsigned++
		}
	}
	if err := a.done(map[string]any{"accepted": len(outcomes) - unsigned}, "accepted %d", len(outcomes)-unsigned); err != nil {
		return err
	}
	if unsigned > 0 {
		return exitStatus(exitRejected)
	}
	return nil
}

// queue hands commands over through Redis alone.
func (a *app) queue(commands []jobs.Command) error {
	if err := a.settings.FromData(); err != nil && a.settings.RedisURL == "" {
		return err
	}
	client, err := jobs.ConnectRedis(a.settings.RedisURL, a.keys)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.Send(a.ctx, commands); err != nil {
		return err
	}
	return a.done(map[string]any{"queued": len(commands)}, "queued %d", len(commands))
}

// readCommands reads a file of commands. What is wrong is said at once; then
// nothing is kept any more.
func (a *app) readCommands(name string) ([]jobs.Command, error) {
	in := a.in
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, invalid{err}
		}
		defer file.Close()
		in = file
	}
	var commands []jobs.Command
	wrong := false
	err := jobs.CheckLines(a.ctx, in, jobs.Parse, func(l jobs.Line) {
		for _, p := range l.Problems {
			a.lineProblem(name, l.Number, p)
			wrong = true
		}
		if wrong {
			commands = nil
		} else {
			commands = append(commands, l.Command)
		}
	})
	switch {
	case a.ctx.Err() != nil:
		return nil, a.ctx.Err()
	case wrong && err == nil:
		return nil, exitStatus(exitInvalid)
	case err != nil:
		return nil, invalidf("reading %s: %w", name, err)
	}
	return commands, nil
}

func (a *app) lineProblem(file string, number int, p jobs.Problem) {
	fmt.Fprintf(a.err, "%s:%d: %s\n", file, number, p)
}
