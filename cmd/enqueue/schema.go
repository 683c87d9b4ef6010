package main

import (
	"github.com/licenseledger/licenseledger/jobs"
)

// schemaCommand needs no servers: the schemas are made of what checks commands.
type schemaCommand struct {
	Kind string `arg:"" optional:"" help:"Kind of command; without it, any kind."`
}

// Run prints what docs/schemas has.
func (c *schemaCommand) Run(a *app) error {
	text := jobs.CommandSchema()
	if c.Kind != "" {
		kind, known := jobs.KindNamed(c.Kind)
		if !known {
			return invalidf("kind: %s", jobs.UnknownKind(c.Kind))
		}
		text = kind.Schema()
	}
	_, err := a.out.Write(text)
	return written(err)
}
