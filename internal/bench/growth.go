package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/jobs"
)

// growth compares what a command costs in a big ledger with a small one: two
// stacks, side by side, measured in turn.
func (b *bench) growth(ctx context.Context) (figures []figure, err error) {
	small := b.options
	err = onStack(ctx, small, func(s *stack) error {
		little := &bench{options: b.options, stack: s, now: b.now}
		if err := little.prepare(ctx); err != nil {
			return err
		}
		if err := little.fill(ctx, b.small); err != nil {
			return err
		}
		if err := b.fill(ctx, b.big-b.transfers); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(settling):
		}
		grown, young := b.transfers, little.transfers // the measurements before may have left more than is asked for
		var cost, wal samples
		err := b.inRounds(func() error {
			inLittle, littleWAL, err := little.cost(ctx)
			if err != nil {
				return err
			}
			inBig, bigWAL, err := b.cost(ctx)
			cost.add(inBig, inLittle)
			wal.add(bigWAL, littleWAL)
			return err
		}, &cost, &wal)
		figures = []figure{
			{Letter: "F", What: fmt.Sprintf("cost of a command after %s commands against %s (about 8 rows each)", thousands(grown), thousands(young)), Target: "≤ 1.25", samples: cost},
			{Letter: "F'", What: "bytes of WAL a command, the same way", Target: "", samples: wal},
		}
		return err
	})
	return figures, err
}

// settling lets Postgres tidy up after the rows that came at once.
const settling = time.Minute

// fill lets commands through that nobody measures.
func (b *bench) fill(ctx context.Context, n int) error {
	const page = 100_000
	for ; n > 0; n -= page {
		if err := b.apply(ctx, b.moreTransfers(min(n, page), false), jobs.Run{}); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s commands to go\n", thousands(max(n-page, 0)))
	}
	return nil
}

// cost is the microseconds and the bytes of WAL that a packed command takes.
func (b *bench) cost(ctx context.Context) (microseconds, bytes float64, err error) {
	conn, err := pgx.Connect(ctx, b.databaseURL)
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close(ctx)
	var before string
	if err := conn.QueryRow(ctx, "SELECT pg_current_wal_lsn()::text").Scan(&before); err != nil {
		return 0, 0, err
	}
	commands := b.moreTransfers(b.grown, false)
	rate, err := b.rate(len(commands), func() error { return b.apply(ctx, commands, jobs.Run{}) })
	if err != nil {
		return 0, 0, err
	}
	err = conn.QueryRow(ctx, "SELECT (pg_current_wal_lsn() - $1::text::pg_lsn)::float8", before).Scan(&bytes)
	return 1e6 / rate, bytes / float64(len(commands)), err
}
