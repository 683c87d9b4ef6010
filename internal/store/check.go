package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// checks are queries that return one sentence per discrepancy, and nothing when
// all is well.
var checks = []string{
	sqlText("check_products"),
	sqlText("check_holdings"),
	sqlText("check_quantities"),
	sqlText("check_commands"),
	sqlText("check_references"),
	sqlText("check_billing"),
}

// Check verifies the ledger at one instant and reports every discrepancy.
func (s *Store) Check(ctx context.Context, report func(discrepancy string)) error {
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("beginning the check: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	for _, sql := range checks {
		rows, err := tx.Query(ctx, sql)
		if err != nil {
			return fmt.Errorf("checking the ledger: %w", err)
		}
		var sentence string
		_, err = pgx.ForEachRow(rows, []any{&sentence}, func() error {
			report(sentence)
			return nil
		})
		if err != nil {
			return fmt.Errorf("checking the ledger: %w", err)
		}
	}
	return nil
}
