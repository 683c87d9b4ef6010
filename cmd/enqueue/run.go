package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/licenseledger/licenseledger/jobs"
)

// runCommand sends a file of commands.
type runCommand struct {
	File    string        `arg:"" name:"file" help:"Commands, one JSON object a line; - for stdin."`
	Wait    bool          `name:"wait" help:"Wait for the outcomes and print them, one JSON object a line, in input order."`
	Serial  bool          `name:"serial" help:"Apply in input order, each command deciding after the one before; implies --wait."`
	Timeout time.Duration `name:"timeout" default:"5m" placeholder:"TIME" help:"How long to go on without progress (default: 5m)."`
}

// Run checks the whole file before it sends the first command.
func (c *runCommand) Run(a *app) error {
	commands, err := a.readCommands(c.File)
	if err != nil {
		return err
	}
	if len(commands) == 0 {
		a.note("accepted 0")
		return nil
	}
	client, err := a.connect()
	if err != nil {
		return err
	}
	defer client.Close()
	wait := c.Wait || c.Serial
	bar := newProgressLine(a.err, len(commands), wait)
	outcomes, err := client.Do(a.ctx, commands, jobs.Run{
		Serial: c.Serial, Wait: wait, Timeout: c.Timeout, Progress: bar.show,
	})
	bar.clear()
	if !wait {
		if err == nil {
			a.note("accepted %d", len(commands))
		}
		return err
	}
	if printErr := a.printOutcomes(outcomes); printErr != nil {
		return printErr
	}
	if err != nil {
		return err
	}
	return verdict(outcomes)
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
	err := checkLines(a.ctx, in, func(l checkedLine) {
		for _, p := range l.problems {
			a.lineProblem(name, l.number, p)
			wrong = true
		}
		if wrong {
			commands = nil
		} else {
			commands = append(commands, l.command)
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

// progressLine rewrites one line of a terminal.
type progressLine struct {
	out   io.Writer // nil: there is no terminal
	total int
	wait  bool
	last  time.Time
}

func newProgressLine(w io.Writer, total int, wait bool) *progressLine {
	p := &progressLine{total: total, wait: wait}
	if terminal(w) > 0 {
		p.out = w
	}
	return p
}

func (p *progressLine) show(accepted, decided int) {
	const between = 100 * time.Millisecond
	if p.out == nil || time.Since(p.last) < between {
		return
	}
	p.last = time.Now()
	if p.wait {
		fmt.Fprintf(p.out, "\r\x1b[K%d of %d accepted, %d decided", accepted, p.total, decided)
	} else {
		fmt.Fprintf(p.out, "\r\x1b[K%d of %d accepted", accepted, p.total)
	}
}

func (p *progressLine) clear() {
	if p.out != nil && !p.last.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
