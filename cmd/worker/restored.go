package main

import (
	"context"
	"fmt"

	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/migrations"
)

// restored prepares a database that comes from a backup for its first worker.
func (c *cli) restored(ctx context.Context) error {
	if err := c.FromData(); err != nil {
		return err
	}
	if err := migrations.Up(ctx, c.DatabaseURL); err != nil { // the backup may be of an earlier version
		return err
	}
	ledger, err := store.Open(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	defer ledger.Close()
	r, err := ledger.NoteRestore(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("mail is held until `enqueue mail release`; commands go on from number %d, outcomes from %d\n", r.FirstSeq, r.FirstNo)
	return nil
}

// warnOfHeldMail reminds the operator of what a restore leaves to do.
func (w *worker) warnOfHeldMail(ctx context.Context) error {
	since, err := w.ledger.MailHeld(ctx)
	if err == nil && since != nil {
		w.log.Warn("mail is held since the database was restored; `enqueue mail release` lets it go", "restored_at", *since)
	}
	return err
}
