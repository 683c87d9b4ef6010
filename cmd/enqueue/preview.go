package main

import (
	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/jobs"
)

type previewCommand struct {
	File string `arg:"" help:"NDJSON file, - for standard input."`
}

// Help is shown with the flags.
func (c *previewCommand) Help() string {
	return "Prints the outcome that each command would have by itself, with nothing changed and no id used up. " +
		"A command that carries the preview's token as \"preview\" is refused if what the preview showed has changed."
}

// Run previews each command on what the ledger holds now.
func (c *previewCommand) Run(a *app) error {
	commands, err := a.readCommands(c.File)
	if err != nil {
		return err
	}
	for _, command := range commands {
		if domain.ClassOf(command.Kind) == domain.Control {
			return invalidf("%s: kind: %s has no preview", command.ID, command.Kind)
		}
	}
	client, err := a.connect()
	if err != nil {
		return err
	}
	defer client.Close()
	return a.preview(client, commands)
}

func (a *app) preview(client *jobs.Client, commands []jobs.Command) error {
	refused := false
	encoder := newEncoder(a.out)
	for _, command := range commands {
		p, err := client.Preview(a.ctx, command)
		if err != nil {
			return err
		}
		refused = refused || p.Would == domain.Rejected
		if err := encoder.Encode(p); err != nil {
			return written(err)
		}
	}
	if refused {
		return exitStatus(exitRejected)
	}
	return nil
}
