package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

// details are what the help of a subcommand says below its purpose: how it is
// called, and what one must know. Those of kinds are made from their fields.
var details = map[string]string{ //nolint:gosec // commands that name tokens, no token
	"run": `The whole file is checked before the first command is sent; what is wrong is listed as FILE:LINE: FIELD: what is wrong. Lost connections are ridden out. Sending a file again is safe: nothing is applied twice.

    enqueue run --serial catalog.ndjson
    enqueue run --wait orders.ndjson > outcomes.ndjson
    portal-export | enqueue run -`,
	"preview": `    enqueue preview order.ndjson
    echo '{"id":"po-1", …}' | enqueue preview -`,
	"show": `A table on a terminal, JSON with --json; a report is complete unless --limit cuts it.`,
	"show outcome": `    enqueue show outcome po-1
    enqueue show outcome po-1 --source portal --json`,
	"show stock":         `    enqueue show stock --account northwind`,
	"show licenses":      `    enqueue show licenses --account acme`,
	"show subscriptions": `    enqueue show subscriptions --account acme`,
	"show deployments":   `    enqueue show deployments --account acme`,
	"show history":       `    enqueue show history --account acme --limit 50`,
	"show summary":       `    enqueue show summary --account acme`,
	"show accounts":      `    enqueue show accounts --account northwind`,
	"show contracts":     `    enqueue show contracts --account northwind`,
	"show learners":      `    enqueue show learners --account acme`,
	"show links":         `    enqueue show links --account acme`,
	"show charges":       `    enqueue show charges --contract C-1`,
	"show schedule":      `    enqueue show schedule`,
	"show orders": `    enqueue show orders --account acme --state requested
    enqueue show orders --account acme --from 2026-11-01 --to 2026-11-30`,
	"show invoices": `    enqueue show invoices --period 2026-11
    enqueue show invoices --json | jq -c '.[] | select(.seller == "lumen")'`,
	"show dead": `    enqueue show dead
    enqueue show dead --json | jq -r '.[].id'`,
	"show mail": `    enqueue show mail --state failed
    enqueue show mail --to mia@acme.example`,
	"invoice": `    enqueue invoice L-000001 --format pdf -o L-000001.pdf
    enqueue invoice L-000001 --format csv -o L-000001.csv`,
	"close-month": `Months close by themselves; this looks now instead of within a second. The running month can be seen with --dry-run only.

    enqueue close-month 2026-11 --dry-run
    enqueue close-month 2026-10`,
	"retry": `A command is dead when it failed for technical reasons again and again; the worker's log says why. Mend that first.

    enqueue retry po-1 --source portal`,
	"mail": `Mails are listed by enqueue show mail.`,
	"mail resend": `    enqueue mail resend 1204-1
    enqueue mail resend 1204-1 --to finance@acme.example`,
	"mail release": `After a restore, mail is held until this says what has arrived already.

    enqueue mail release --delivered /var/log/mail.log`,
	"clock":      `The test clock is moved by the command clock.advance.`,
	"clock show": `    enqueue clock show`,
	"source":     `A source is what sends commands: a portal, a shop. One that is not added here may send anything, unsigned.`,
	"source add": `    enqueue source add portal --scope business --account northwind`,
	"source list": `    enqueue source list
    enqueue source list --json`,
	"source rotate": `    enqueue source rotate portal`,
	"source token":  `    enqueue source token portal`,
	"source revoke": `    enqueue source revoke portal k1`,
	"serve": `TLS is the business of a proxy before it. What can be asked is in GET /openapi.json.

    enqueue serve
    enqueue serve --addr 0.0.0.0:8080 --rate 20`,
	"events": `    enqueue events --type license.expired
    enqueue events --follow --json --after 1042-1`,
	"webhook":        `A webhook gets events as signed requests, one after the other, each until it is taken.`,
	"webhook add":    `    enqueue webhook add https://portal.example/hooks --type order.assigned`,
	"webhook list":   `    enqueue webhook list`,
	"webhook pause":  `    enqueue webhook pause wh1`,
	"webhook resume": `    enqueue webhook resume wh1`,
	"webhook replay": `    enqueue webhook replay wh1 --from 1042-1`,
	"webhook remove": `    enqueue webhook remove wh1`,
	"schema":         `    enqueue schema stock.purchase > stock.purchase.schema.json`,
	"completion": `    source <(enqueue completion bash)
    enqueue completion zsh > "${fpath[1]}/_enqueue"
    enqueue completion fish > ~/.config/fish/completions/enqueue.fish`,
	"man": `    enqueue man | man -l -
    enqueue man > /usr/local/share/man/man1/enqueue.1`,
}

// explain puts the details where the help shows them.
func explain(n *kong.Node, path string, forms map[string]*form) {
	for _, child := range n.Children {
		inner := strings.TrimSpace(path + " " + child.Name)
		switch form := forms[child.Name]; {
		case path == "" && form != nil:
			child.Detail = form.detail()
		case details[inner] != "":
			text := details[inner]
			if strings.HasPrefix(text, " ") {
				text = "For example:\n\n" + text
			}
			child.Detail = strings.TrimLeft(child.Detail+"\n\n"+text, "\n")
		}
		explain(child, inner, forms)
	}
}
