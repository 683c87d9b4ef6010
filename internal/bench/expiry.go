package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/seeded"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

// expiryBatch is how many licenses one transaction of plain SQL takes: about as
// many as one of the scheduler's.
const expiryBatch = 1000

// expiry compares the end of licenses with writing its rows.
func (b *bench) expiry(ctx context.Context) ([]figure, error) {
	const name = "expiry"
	if err := b.filled(ctx, name, seeded.Expire, b.licenses); err != nil {
		return nil, err
	}
	var rates samples
	err := b.inRounds(func() error {
		var ours, plain float64
		var e expired
		err := b.onCopy(ctx, name, func(databaseURL string) (err error) {
			if ours, err = b.expire(ctx, databaseURL); err == nil {
				e, err = readExpired(ctx, databaseURL)
			}
			return err
		})
		if err != nil {
			return err
		}
		err = b.onCopy(ctx, name, func(databaseURL string) (err error) {
			plain, err = b.writeExpired(ctx, databaseURL, e)
			return err
		})
		rates.add(ours, plain)
		return err
	}, &rates)
	return []figure{{
		Letter: "J2", What: fmt.Sprintf("expiry of %s licenses against its rows in plain SQL", thousands(b.licenses)), Target: within, samples: rates,
	}}, err
}

func (b *bench) expire(ctx context.Context, databaseURL string) (rate float64, err error) {
	s, err := store.Open(ctx, databaseURL)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	scheduler := jobs.NewScheduler(s, slog.New(slog.DiscardHandler)).RenderWith(notify.Documents)
	return b.rate(b.licenses, func() error { return scheduler.Look(ctx) })
}

// expired are the rows that expiry wrote.
type expired struct {
	batches []expiredBatch
	census  string
}

// expiredBatch are the rows of so many licenses, column by column.
type expiredBatch struct {
	IDs, Bodies, Licenses, Accounts, Products, Summaries, Results []string
	Quantities                                                    []int64
	At                                                            []time.Time
}

func readExpired(ctx context.Context, databaseURL string) (e expired, err error) {
	err = onConn(ctx, databaseURL, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, `
			SELECT array_agg(id), array_agg(body), array_agg(license), array_agg(account), array_agg(product),
			       array_agg(summary), array_agg(result), array_agg(quantity), array_agg(at)
			FROM (
				SELECT (row_number() OVER (ORDER BY c.seq) - 1) / $1 AS batch, c.id::text, c.body::text, l.license::text, l.account::text,
				       l.product::text, o.summary, o.result::text, m.quantity, o.at
				FROM commands AS c JOIN outcomes AS o USING (seq) JOIN movements AS m USING (no)
				JOIN licenses AS l ON l.license = m.from_holding
				WHERE c.kind = 'license.expire' AND o.status = 'applied'
			) AS row GROUP BY batch ORDER BY batch`, expiryBatch)
		if err != nil {
			return err
		}
		if e.batches, err = pgx.CollectRows(rows, pgx.RowToStructByPos[expiredBatch]); err != nil {
			return err
		}
		return conn.QueryRow(ctx, expiredCensus).Scan(&e.census)
	})
	return e, err
}

// expiredCensus is the same for two ledgers that hold the same rows, whatever
// their numbers are.
const expiredCensus = `
	SELECT concat_ws(' ',
		(SELECT sum(hashtext(row(source, id, kind, actor, on_behalf_of, preview, body::text, hash)::text)::bigint) FROM commands),
		(SELECT sum(hashtext(row(status, reason, detail, summary, at, result::text)::text)::bigint) FROM outcomes),
		(SELECT sum(hashtext(row(n, product, quantity, from_holding, to_holding, at)::text)::bigint) FROM movements),
		(SELECT sum(hashtext(account)::bigint) FROM history),
		(SELECT count(*) FROM mail),
		(SELECT sum(hashtext(l::text)::bigint) FROM licenses AS l))`

// writeExpired writes the same rows with two connections, with no rules and
// nothing read.
func (b *bench) writeExpired(ctx context.Context, databaseURL string, e expired) (rate float64, err error) {
	err = onConn(ctx, databaseURL, func(one *pgx.Conn) error {
		return onConn(ctx, databaseURL, func(other *pgx.Conn) error {
			rate, err = b.rate(b.licenses, func() error { return writeBatches(ctx, []*pgx.Conn{one, other}, e.batches) })
			if err != nil {
				return err
			}
			var census string
			if err := one.QueryRow(ctx, expiredCensus).Scan(&census); err != nil {
				return err
			}
			return sameRows(e.census, census)
		})
	})
	return rate, err
}

func writeBatches(ctx context.Context, conns []*pgx.Conn, batches []expiredBatch) error {
	errs := make([]error, len(conns))
	var writing sync.WaitGroup
	for i, conn := range conns {
		writing.Go(func() {
			for n := i; n < len(batches) && errs[i] == nil; n += len(conns) {
				errs[i] = inTransaction(ctx, conn, func(batch *pgx.Batch) { queueExpired(batch, batches[n]) })
			}
		})
	}
	writing.Wait()
	return errors.Join(errs...)
}

// queueExpired journals the commands and writes what they leave behind.
func queueExpired(batch *pgx.Batch, e expiredBatch) {
	batch.Queue(`
		WITH given AS (
			SELECT nextval('ledger_no') AS no, nextval('commands_seq') AS seq, g.*
			FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::timestamptz[], $9::text[])
				AS g (id, body, account, product, summary, result, quantity, at, license)
		), journal AS (
			INSERT INTO commands (seq, source, id, kind, actor, on_behalf_of, preview, body, hash, accepted_at)
			SELECT seq, $10, id, 'license.expire', '', '', '', body::json, '', at FROM given
		), moved AS (
			INSERT INTO movements (no, n, product, quantity, from_holding, to_holding, at)
			SELECT no, 1, product, quantity, license, $11, at FROM given
		), told AS (
			INSERT INTO history (account, no, seq)
			SELECT account, no, seq FROM given
		)
		INSERT INTO outcomes (seq, no, status, reason, detail, summary, at, result)
		SELECT seq, no, 'applied', '', '', summary, at, result::json FROM given`,
		e.IDs, e.Bodies, e.Accounts, e.Products, e.Summaries, e.Results, e.Quantities, e.At, e.Licenses, domain.ScheduleSource, domain.Expired)
	batch.Queue(`
		UPDATE licenses AS l SET deployed = 0, allocated = 0, expired = true, next_due_at = NULL, changed_at = g.at
		FROM unnest($1::text[], $2::timestamptz[]) AS g (license, at)
		WHERE l.license = g.license`, e.Licenses, e.At)
}
