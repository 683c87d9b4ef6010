package main

import (
	"io"
	"reflect"
	"slices"

	"github.com/alecthomas/kong"

	"github.com/licenseledger/licenseledger/internal/cmdline"
	"github.com/licenseledger/licenseledger/jobs"
)

// What the program says about itself, made from its command line.

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints the completion script of a shell.
func (c *completionCommand) Run(a *app, k *kong.Kong, forms map[string]*form) error {
	_, err := io.WriteString(a.out, cmdline.Completion(k.Model, c.Shell, knownWords(forms)))
	return written(err)
}

// knownWords are what flags of kinds and reports take.
func knownWords(forms map[string]*form) cmdline.Words {
	return func(command *kong.Node, value *kong.Value) []string {
		switch {
		case command.Name == "schema":
			return jobs.KindNames()
		case command.Name == "orders" && value.Name == "state":
			return orderStates
		case forms[command.Name] == nil:
			return nil
		}
		flags := forms[command.Name].flags
		i := slices.IndexFunc(flags, func(g flag) bool { return g.name == value.Name })
		if i < 0 {
			return nil
		}
		t := flags[i].field.Type
		if t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if w, ok := reflect.Zero(t).Interface().(worded); ok {
			return w.Words()
		}
		return nil
	}
}

type manCommand struct{}

// Run prints the manual page.
func (manCommand) Run(a *app, k *kong.Kong) error {
	page := cmdline.Man(k.Model, "send commands to LicenseLedger and show what became of them",
		cmdline.Section{Title: "Exit status", Text: exitStatuses}, cmdline.Section{Title: "Environment", Text: environment},
		cmdline.Section{Title: "Files", Text: files}, cmdline.Section{Title: "Examples", Text: tour}, cmdline.Section{Title: "See also", Text: "worker(1)"})
	_, err := io.WriteString(a.out, page)
	return written(err)
}

const exitStatuses = `0: everything was applied, or shown.

1: something was rejected or is dead; for a preview, something would be rejected.

2: wrong usage or invalid input; nothing was sent.

3: cannot reach what it needs, timed out, or was interrupted. Send the same again: nothing is applied twice.`

const environment = `Every setting with a name in capitals beside its flag can stand in the environment, or as KEY=VALUE in the file that --env-file names. A flag goes before the environment, the environment before the file.

NO_COLOR, or TERM=dumb, turns colours off. COLUMNS is the width of tables and help on a terminal. Output that goes to a file or a pipe is never coloured or shortened.`

const files = `.env: settings, read when present.

.licenseledger/env: the addresses of the servers that worker --embedded has started; read for what is set nowhere else.`

const tour = `Load the catalog, in order, and see the outcomes:

    enqueue run --serial catalog.ndjson

Buy stock, move it, look at it:

    enqueue stock.purchase --id po-1 --actor ada@northwind.example \
        --contract C-1 --account northwind --product pro --quantity 100
    enqueue stock.transfer --id tr-1 --actor ada@northwind.example \
        --from northwind --to acme --product pro --quantity 10
    enqueue show stock --account northwind

What would be invoiced this month:

    enqueue close-month 2026-11 --dry-run`
