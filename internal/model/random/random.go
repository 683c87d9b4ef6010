// Package random makes up commands over a small catalog, for tests. Every kind
// in the table of jobs is covered by the types of its fields; shapes.go makes
// kinds likelier to succeed than mere chance would.
package random

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

// Start is when the world begins.
var Start = time.Date(2026, 1, 29, 9, 30, 0, 0, time.UTC)

// Generator makes commands. What it knows of earlier ones is what upstream
// would know: the ids that they named or must have made.
type Generator struct {
	// IntN returns a number from 0 to n-1: the one source of chance.
	IntN func(n int) int
	Now  time.Time

	last     int64
	bodies   map[string][]object // of catalog kinds, as last sent
	reseller string              // whose business the present command is
	made     []made
	orderer  string // whose order the present command assigns
}

type object map[string]any

// made is a command that may have created something.
type made struct{ kind, base, reseller, account, product string }

// New makes a generator over the catalog that Catalog sends.
func New(intN func(n int) int) *Generator {
	g := &Generator{IntN: intN, Now: Start, bodies: map[string][]object{}}
	for _, c := range append(slices.Clone(catalog), occasional...) {
		g.bodies[c.kind] = append(g.bodies[c.kind], c.body)
	}
	return g
}

// Catalog returns the commands that make the world.
func (g *Generator) Catalog() []jobs.Command {
	commands := make([]jobs.Command, len(catalog))
	for i, c := range catalog {
		commands[i] = g.command(c.kind, c.body)
	}
	return commands
}

// KindsOf lists the kinds of a class in the order of the table.
func KindsOf(class domain.Class) []string {
	var names []string
	for _, k := range jobs.Kinds {
		if k.Class == class {
			names = append(names, k.Name)
		}
	}
	return names
}

// Business makes a command of any business kind; what makes later ones
// possible is likelier than the rest.
func (g *Generator) Business() jobs.Command {
	if g.chance(25) {
		return g.Of(g.pick("stock.purchase", "stock.purchase", "stock.transfer", "license.purchase", "order.request", "order.assign", "subscription.start"))
	}
	return g.Of(g.pick(KindsOf(domain.Business)...))
}

// Foundations are kinds that give later ones something to work on, in order.
var Foundations = []string{
	"stock.purchase", "stock.purchase", "stock.purchase", "stock.purchase", "stock.purchase", "stock.purchase",
	"license.purchase", "license.purchase", "license.purchase", "license.purchase", "stock.transfer", "stock.transfer", "stock.transfer",
	"order.request", "order.request", "order.request", "subscription.start", "subscription.start", "subscription.start",
	"account.link", "account.link", "license.allocate", "license.allocate", "license.allocate", "license.allocate", "license.reallocate", "deployment.create", "deployment.create",
}

// Change makes a command that changes the catalog.
func (g *Generator) Change() jobs.Command { return g.Of(g.pick(KindsOf(domain.Catalog)...)) }

// Of makes a command of a kind.
func (g *Generator) Of(kind string) jobs.Command {
	k, known := jobs.KindNamed(kind)
	if !known {
		panic("no kind " + kind)
	}
	g.reseller = g.pick(resellers...)
	if k.Class == domain.Catalog {
		return g.command(kind, g.changed(k))
	}
	body, actor := object{}, ""
	for _, f := range k.Fields() {
		if !f.Optional || g.chance(35) {
			body[f.Name] = g.value(f.Type)
		}
	}
	if shape, ok := shapes[kind]; ok {
		actor = shape(g, body)
	}
	if g.chance(12) {
		f := k.Fields()[g.IntN(len(k.Fields()))]
		body[f.Name] = g.value(f.Type)
	}
	c := g.command(kind, body)
	switch {
	case k.Class != domain.Business:
	case actor == "" || g.chance(10):
		c.Actor = domain.UserID(g.pick(users...))
	default:
		c.Actor = domain.UserID(actor)
	}
	if k.Class == domain.Business && g.chance(6) {
		c.OnBehalfOf = domain.AccountID(g.pick(below[g.reseller]...))
	}
	m := made{kind: kind, base: Base(c), reseller: g.reseller}
	m.product, _ = body["product"].(string)
	for _, name := range []string{"account", "to", "owner"} { // whose the new things are
		if account, ok := body[name].(string); ok {
			m.account = account
		}
	}
	if kind == "order.assign" {
		m.account, m.product = g.orderer, fits[g.orderer]
	}
	g.made = append(g.made, m)
	return c
}

// changed takes a row of the catalog and replaces up to two of its fields.
func (g *Generator) changed(k jobs.Kind) object {
	known := g.bodies[k.Name]
	body, at := object{}, -1
	if len(known) > 0 {
		at = g.IntN(len(known))
		body = maps.Clone(known[at])
	}
	for _, f := range k.Fields() {
		if _, given := body[f.Name]; !given && !f.Optional && f.Default == "" {
			body[f.Name] = g.value(f.Type)
		}
	}
	for range g.IntN(3) {
		f := k.Fields()[g.IntN(len(k.Fields()))]
		if f.Name != "id" || g.chance(10) {
			body[f.Name] = g.value(f.Type)
		}
	}
	if k.Name == "account.put" && body["kind"] == "customer" && g.chance(25) { // it moves
		body["parent"] = g.pick("north", "fjord")
	}
	if at >= 0 && g.chance(20) { // the others are put back by and by
		g.bodies[k.Name] = slices.Clone(known)
		g.bodies[k.Name][at] = body
	}
	return body
}

func (g *Generator) command(kind string, body object) jobs.Command {
	g.last++
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // plain values
	}
	c := jobs.Command{ID: fmt.Sprintf("c%d", g.last), Kind: kind, Source: domain.DefaultSource, Body: raw}
	if g.chance(15) {
		c.Source = "shop"
	}
	return c
}

// Pass lets time go by: mostly minutes, now and then months.
func (g *Generator) Pass() time.Duration {
	d := time.Duration(g.IntN(50)) * time.Minute
	switch n := g.IntN(100); {
	case n < 4:
		d += time.Duration(g.IntN(120)) * 24 * time.Hour
	case n < 20:
		d += time.Duration(g.IntN(30)) * time.Hour
	}
	g.Now = g.Now.Add(d)
	return d
}

// Envelope reads a command as the worker does that finds it in the journal.
func Envelope(c jobs.Command, seq int64, at time.Time) *domain.Envelope {
	return jobs.Envelope(store.JournalRow{
		Seq: seq, Source: c.Source, ID: c.ID, Kind: c.Kind, Actor: string(c.Actor), OnBehalfOf: string(c.OnBehalfOf),
		Preview: c.Preview, Body: c.Body, AcceptedAt: at,
	})
}

// Base is what the ids of things that the command makes begin with.
func Base(c jobs.Command) string {
	e := domain.Envelope{Source: c.Source, ID: c.ID}
	return e.Base()
}

func (g *Generator) chance(percent int) bool { return g.IntN(100) >= 100-percent }

func (g *Generator) pick(words ...string) string { return words[g.IntN(len(words))] }
