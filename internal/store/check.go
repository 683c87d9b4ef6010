package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

var checkAlone = sqlText("check_alone")

// check is a query that returns one sentence per discrepancy, and nothing when
// all is well.
type check struct{ name, sql string }

var checks = []check{
	{"products", sqlText("check_products")},
	{"holdings", sqlText("check_holdings")},
	{"quantities", sqlText("check_quantities")},
	{"commands", sqlText("check_commands")},
	{"references", sqlText("check_references")},
	{"billing", sqlText("check_billing")},
}

// Checks names the parts of the check.
func Checks() []string { return gather(len(checks), func(i int) string { return checks[i].name }) }

// Check verifies the ledger at one instant and reports every discrepancy.
func (s *Store) Check(ctx context.Context, report func(discrepancy string)) error {
	tx, err := s.beginCheck(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	for _, c := range checks {
		if err := c.run(ctx, tx, report); err != nil {
			return err
		}
	}
	return nil
}

// CheckPart verifies one part of the ledger, gently: on one processor, for no
// longer than the timeout, and not at all if another process does so right now.
func (s *Store) CheckPart(ctx context.Context, name string, timeout time.Duration, report func(discrepancy string)) (done bool, err error) {
	tx, err := s.beginCheck(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	var free bool
	batch := &pgx.Batch{}
	batch.Queue(figuresTimeout, milliseconds(timeout))
	batch.Queue(checkAlone).QueryRow(func(row pgx.Row) error { return row.Scan(&free, nil) })
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return false, fmt.Errorf("beginning the check of %s: %w", name, err)
	}
	if !free {
		return false, nil
	}
	for _, c := range checks {
		if c.name == name {
			return true, c.run(ctx, tx, report)
		}
	}
	return false, fmt.Errorf("there is no check of %s", name)
}

func (s *Store) beginCheck(ctx context.Context) (pgx.Tx, error) {
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("beginning the check: %w", err)
	}
	return tx, nil
}

func (c check) run(ctx context.Context, tx pgx.Tx, report func(discrepancy string)) error {
	rows, err := tx.Query(ctx, c.sql)
	if err != nil {
		return fmt.Errorf("checking the %s of the ledger: %w", c.name, err)
	}
	var sentence string
	_, err = pgx.ForEachRow(rows, []any{&sentence}, func() error {
		report(sentence)
		return nil
	})
	if err != nil {
		return fmt.Errorf("checking the %s of the ledger: %w", c.name, err)
	}
	return nil
}
