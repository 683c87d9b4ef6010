package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/licenseledger/licenseledger/internal/cmdline"
)

// What the program says about itself.

const description = `The worker of LicenseLedger: applies enqueued commands to the license ledger, exactly once each.

Try it without any server of your own:

    worker --embedded

and enqueue from another terminal.

Exit codes: 0 ended as asked, 1 a failure, or discrepancies, 2 wrong usage or settings.`

// details are what the help of a subcommand says below its purpose.
var details = map[string]string{
	"run": `It prints ready on a line of its own once commands can be enqueued. SIGTERM lets it finish what is under way, a second one ends it at once.

    worker --embedded
    worker --env-file /etc/licenseledger/worker.env`,
	"migrate": `Safe while workers run, also from several machines at once; worker run does it by itself unless --no-migrate.

    worker migrate`,
	"check": `It only reads, on one snapshot, while workers go on.

    worker check
    worker check --json`,
	"completion": `    source <(worker completion bash)
    worker completion zsh > "${fpath[1]}/_worker"
    worker completion fish > ~/.config/fish/completions/worker.fish`,
	"man": `    worker man | man -l -`,
}

type checkCommand struct {
	JSON bool `name:"json" help:"Print an object with ok and the list of discrepancies."`
}

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

func newParser(c *cli) *kong.Kong {
	options := append(cmdline.Options(), kong.Name("worker"), kong.Description(description), kong.UsageOnError(),
		kong.Vars{"log_format": "json"}, kong.PostBuild(func(k *kong.Kong) error {
			for _, flag := range k.Model.Flags {
				if flag.Name != "help" && flag.Name != "version" {
					flag.Group = &kong.Group{Key: cmdline.SettingsGroup, Title: "Settings:"}
				}
			}
			for _, node := range k.Model.Children {
				if node.Detail = details[node.Name]; strings.HasPrefix(node.Detail, " ") {
					node.Detail = "For example:\n\n" + node.Detail
				}
			}
			return nil
		}))
	return kong.Must(c, options...)
}

// describe prints the completion script or the manual page.
func (c *cli) describe(parser *kong.Kong, command string) error {
	text := ""
	if command == "man" {
		text = cmdline.Man(parser.Model, "apply enqueued commands to the license ledger",
			cmdline.Section{Title: "Exit status", Text: exitStatuses}, cmdline.Section{Title: "Environment", Text: environment},
			cmdline.Section{Title: "Files", Text: files}, cmdline.Section{Title: "See also", Text: "enqueue(1)"})
	} else {
		text = cmdline.Completion(parser.Model, c.Completion.Shell, nil)
	}
	if _, err := io.WriteString(os.Stdout, text); err != nil {
		return fmt.Errorf("writing the output: %w", err)
	}
	return nil
}

const exitStatuses = `0: it ended as it was asked to; the ledger is as it should be.

1: something it needs failed; for check, there are discrepancies.

2: wrong usage, or a setting is missing.`

const environment = `Every setting with a name in capitals beside its flag can stand in the environment, or as KEY=VALUE in the file that --env-file names. A flag goes before the environment, the environment before the file.`

const files = `.env: settings, read when present.

.licenseledger: what worker --embedded keeps: Postgres, Redis, mail, and in the file env their addresses.`
