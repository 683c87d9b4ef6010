package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// floor is what a ledger of these tables can do at best on this machine: all
// rows of a command, journal and mail included, written by two connections in
// batches of 500, with no rules, no queue and nothing read.
type floor struct {
	conns   []*pgx.Conn
	written int
}

const (
	floorConnections = 2
	floorBatch       = 500
)

func (b *bench) newFloor(ctx context.Context) (*floor, error) {
	databaseURL, err := b.peerDatabase(ctx, "floor")
	if err != nil {
		return nil, err
	}
	f := &floor{}
	for range floorConnections {
		conn, err := pgx.Connect(ctx, databaseURL)
		if err != nil {
			return nil, err
		}
		f.conns = append(f.conns, conn)
	}
	_, err = f.conns[0].Exec(ctx, peerLots, resellers, products, lots)
	return f, err
}

// peerLots makes the stock that is drawn on.
const peerLots = `
	INSERT INTO lots (lot, account, product, contract, quantity, remaining, purchased_on, expires_on, no, changed_at)
	SELECT format('purchase-%s-%s-%s~1', r, p, n), 'r' || r, p, 'C-' || r, 1000000000, 1000000000, '2026-01-01', '2099-01-01', r, now()
	FROM generate_series(0, $1::int - 1) AS r, unnest($2::text[]) AS p, generate_series(0, $3::int - 1) AS n`

// write writes the rows of n commands.
func (f *floor) write(ctx context.Context, n int) error {
	errs := make([]error, len(f.conns))
	var writing sync.WaitGroup
	for i, conn := range f.conns {
		writing.Go(func() {
			for from := i * floorBatch; from < n && errs[i] == nil; from += len(f.conns) * floorBatch {
				errs[i] = writeBatch(ctx, conn, peerRows(f.written+from, floorBatch))
			}
		})
	}
	writing.Wait()
	f.written += n
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// rows are the columns that differ from command to command.
type rows struct {
	ids, actors, bodies, customers, resellers, products, lots, licenses []string
	details, summaries, results, params, keys                           []string
	hashes                                                              [][]byte
}

func peerRows(from, n int) rows {
	var r rows
	add := func(column *[]string, format string, args ...any) {
		*column = append(*column, fmt.Sprintf(format, args...))
	}
	for i := from; i < from+n; i++ {
		c := rand.IntN(customers)
		reseller, p := c%resellers, products[rand.IntN(len(products))]
		id := fmt.Sprintf("transfer-%d", i)
		lot := fmt.Sprintf("purchase-%d-%s-0~1", reseller, p)
		add(&r.ids, "%s", id)
		add(&r.actors, "u@r%d.example", reseller)
		add(&r.bodies, `{"from":"r%d","product":"%s","quantity":1,"to":"c%d"}`, reseller, p, c)
		add(&r.customers, "c%d", c)
		add(&r.resellers, "r%d", reseller)
		add(&r.products, "%s", p)
		add(&r.lots, "%s", lot)
		add(&r.licenses, "%s~1", id)
		add(&r.details, "c%d has no manager; the managers of r%d are mailed", c, reseller)
		add(&r.summaries, "1 %s moved from the stock of r%d to c%d", p, reseller, c)
		add(&r.results, `{"stock":[{"lot":"%s","account":"r%d","product":"%s","remaining":999999,"expires_on":"2027-11-22"}],`+
			`"licenses":[{"license":"%s~1","account":"c%d","product":"%s","quantity":1,"starts_on":"2026-11-22","expires_on":"2027-11-22"}]}`, lot, reseller, p, id, c, p)
		add(&r.params, `{"account":"Customer %d","reseller":"Reseller %d","licenses":[{"license":"%s~1","product":"%s","quantity":1,"starts_on":"2026-11-22","last_day":"2027-11-21"}]}`, c, reseller, id, p)
		add(&r.keys, "%s", uuid.NewString())
		hash := make([]byte, 32)
		for j := range hash {
			hash[j] = byte(rand.Uint32())
		}
		r.hashes = append(r.hashes, hash)
	}
	return r
}

// writeBatch is two transactions, as every command has: it is accepted, then decided.
func writeBatch(ctx context.Context, conn *pgx.Conn, r rows) error {
	var seqs []int64
	accept := &pgx.Batch{}
	accept.Queue(`
		WITH fresh AS (
			INSERT INTO commands (source, id, kind, actor, on_behalf_of, preview, body, hash, accepted_at)
			SELECT 'default', id, 'stock.transfer', actor, '', '', body::json, hash, now()
			FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) AS g (id, actor, body, hash)
			RETURNING seq
		), waits AS (INSERT INTO pending (seq) SELECT seq FROM fresh)
		SELECT seq FROM fresh`, r.ids, r.actors, r.bodies, r.hashes).Query(func(rows pgx.Rows) (err error) {
		seqs, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	if err := conn.SendBatch(ctx, accept).Close(); err != nil {
		return err
	}
	decide := &pgx.Batch{}
	decide.Queue("BEGIN")
	queueDecision(decide, seqs, r)
	decide.Queue("DELETE FROM pending WHERE seq = ANY ($1)", seqs)
	decide.Queue("COMMIT")
	return conn.SendBatch(ctx, decide).Close()
}

// queueDecision writes what an applied transfer leaves behind. Its seq is its
// number too: nothing else happens in this database.
func queueDecision(batch *pgx.Batch, seqs []int64, r rows) {
	batch.Queue(`
		UPDATE lots SET remaining = remaining - n
		FROM (SELECT lot, count(*) AS n FROM unnest($1::text[]) AS lot GROUP BY lot ORDER BY lot) AS g
		WHERE lots.lot = g.lot`, r.lots)
	batch.Queue(`
		INSERT INTO licenses (license, account, product, contract, quantity, deployed, allocated, starts_on, expires_on, expired, no, next_due_at, changed_at)
		SELECT license, account, product, 'C-1', 1, 0, 0, '2026-11-22', '2027-11-22', false, no, '2027-10-22', now()
		FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS g (license, account, product, no)`, r.licenses, r.customers, r.products, seqs)
	batch.Queue(`
		INSERT INTO movements (no, n, product, quantity, from_holding, to_holding, at)
		SELECT no, 1, product, 1, lot, license, now()
		FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS g (no, product, lot, license)`, seqs, r.products, r.lots, r.licenses)
	batch.Queue(`
		INSERT INTO mail (no, n, event, account, recipient, name, locale, params, key, created_at)
		SELECT no, 1, 'license.assigned', account, recipient, 'User', 'en', params::json, key, now()
		FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::uuid[]) AS g (no, account, recipient, params, key)`, seqs, r.customers, r.actors, r.params, r.keys)
	batch.Queue(`
		INSERT INTO history (account, no, seq)
		SELECT account, no, no FROM unnest($1::text[] || $2::text[], $3::bigint[] || $3::bigint[]) AS g (account, no)`, r.customers, r.resellers, seqs)
	batch.Queue(`
		INSERT INTO outcomes (seq, no, status, reason, detail, summary, at, result)
		SELECT seq, seq, 'applied', '', detail, summary, now(), result::json
		FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS g (seq, detail, summary, result)`, seqs, r.details, r.summaries, r.results)
}
