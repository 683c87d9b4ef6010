package main

import (
	"iter"

	"github.com/licenseledger/licenseledger/internal/store"
)

type showDead struct{ pageFlags }

// Run shows what waits for the operator; enqueue retry puts one back.
func (c *showDead) Run(a *app) error {
	return show(a, c.pageFlags, func(s *store.Store, p store.Page) iter.Seq2[store.DeadRow, error] { return s.DeadReport(a.ctx, p) })
}
