package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/internal/seeded"
	"github.com/licenseledger/licenseledger/internal/store"
)

// closing compares the close of a month with writing its rows.
func (b *bench) closing(ctx context.Context) ([]figure, error) {
	const name = "closing"
	if err := b.filled(ctx, name, seeded.Close, b.subscriptions); err != nil {
		return nil, err
	}
	var rates, memory samples
	err := b.inRounds(func() error {
		var ours, plain float64
		var month closedMonth
		err := b.onCopy(ctx, name, func(databaseURL string) (err error) {
			if ours, err = b.closeMonth(ctx, databaseURL, &memory); err == nil {
				month, err = readMonth(ctx, databaseURL)
			}
			return err
		})
		if err != nil {
			return err
		}
		err = b.onCopy(ctx, name, func(databaseURL string) (err error) {
			plain, err = b.writeMonth(ctx, databaseURL, month)
			return err
		})
		rates.add(ours, plain)
		return err
	}, &rates, &memory)
	return []figure{
		{Letter: "J1", What: fmt.Sprintf("closing a month of %s subscriptions with %d lines each, against its rows in plain SQL", thousands(b.subscriptions), seeded.LinesEach), Target: within, samples: rates},
		{Letter: "J1'", What: "peak memory of the process that does it, MiB", Target: "≤ 200", samples: memory},
	}, err
}

// within is the target of all that is compared with its own writes or library.
const within = "≥ 0.5"

func (b *bench) closeMonth(ctx context.Context, databaseURL string, memory *samples) (rate float64, err error) {
	s, err := store.Open(ctx, databaseURL)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	if err := forgetPeak(); err != nil {
		return 0, err
	}
	lines := b.subscriptions * seeded.LinesEach
	rate, err = b.rate(lines, func() error {
		if _, err := s.SealMonths(ctx, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)); err != nil {
			return err
		}
		done, err := s.InvoiceSeller(ctx, seeded.Seller)
		if err == nil && done.Lines != lines {
			err = fmt.Errorf("%d lines were invoiced instead of %d", done.Lines, lines)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	peak, err := peakMiB("self")
	memory.Ratios = append(memory.Ratios, peak)
	return rate, err
}

// closedMonth are the rows that the close of a month wrote.
type closedMonth struct {
	pages   []monthPage
	summary summary
	census  string
}

// monthPage is what one transaction wrote, column by column.
type monthPage struct {
	Contracts, Periods, Numbers, IssuedOn, DueOn, Nets, VATs, Totals []string
	Ns, Lines, MailNos, MailNs                                       []int64
	Contents                                                         [][]byte
	Accounts, Recipients, Params, Keys                               []string
	CreatedAt                                                        []time.Time
}

// summary is the mail to the seller.
type summary struct {
	No, N                  int64
	Recipient, Params, Key string
	CreatedAt              time.Time
}

// readMonth learns from the invoices which of them one transaction wrote.
func readMonth(ctx context.Context, databaseURL string) (m closedMonth, err error) {
	err = onConn(ctx, databaseURL, func(conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, `
			SELECT array_agg(i.contract::text ORDER BY i.n), array_agg(i.period::text ORDER BY i.n), array_agg(i.number ORDER BY i.n),
			       array_agg(i.issued_on::text ORDER BY i.n), array_agg(i.due_on::text ORDER BY i.n), array_agg(i.net::text ORDER BY i.n),
			       array_agg(i.vat_total::text ORDER BY i.n), array_agg(i.total::text ORDER BY i.n), array_agg(i.n ORDER BY i.n),
			       array_agg(i.lines ORDER BY i.n), array_agg(m.no ORDER BY i.n), array_agg(m.n ORDER BY i.n),
			       array_agg(i.content ORDER BY i.n), array_agg(m.account::text ORDER BY i.n), array_agg(m.recipient ORDER BY i.n),
			       array_agg(m.params::text ORDER BY i.n), array_agg(m.key::text ORDER BY i.n), array_agg(m.created_at ORDER BY i.n)
			FROM invoices AS i JOIN undocumented AS u USING (contract, period) JOIN mail AS m ON m.no = u.mail_no AND m.n = u.mail_from
			GROUP BY i.xmin::text ORDER BY min(i.n)`)
		if err != nil {
			return err
		}
		if m.pages, err = pgx.CollectRows(rows, pgx.RowToStructByPos[monthPage]); err != nil {
			return err
		}
		rows, err = conn.Query(ctx, `SELECT no, n, recipient, params::text, key::text, created_at FROM mail WHERE event = 'month.closed'`)
		if err != nil {
			return err
		}
		if m.summary, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[summary]); err != nil {
			return err
		}
		return conn.QueryRow(ctx, monthCensus).Scan(&m.census)
	})
	return m, err
}

// monthCensus is the same for two ledgers that hold the same rows.
const monthCensus = `
	SELECT concat_ws(' ',
		(SELECT sum(hashtext(i::text)::bigint) FROM invoices AS i),
		(SELECT sum(hashtext(row(contract, period, seller, due_at, state, detail, told)::text)::bigint) FROM closes),
		(SELECT sum(hashtext(row(no, n, event, account, recipient, params::text, key, created_at, next_at = 'infinity')::text)::bigint) FROM mail),
		(SELECT sum(hashtext(row(contract, period, mail_no, mail_from, mail_to)::text)::bigint) FROM undocumented),
		(SELECT sum(hashtext(n::text)::bigint) FROM number_series AS n),
		(SELECT sum(hashtext(b::text)::bigint) FROM billing AS b))`

// writeMonth writes the same rows in the same pages, with no rules and nothing read.
func (b *bench) writeMonth(ctx context.Context, databaseURL string, m closedMonth) (rate float64, err error) {
	err = onConn(ctx, databaseURL, func(conn *pgx.Conn) error {
		rate, err = b.rate(b.subscriptions*seeded.LinesEach, func() error {
			if err := inTransaction(ctx, conn, func(batch *pgx.Batch) { queueSeal(batch, m.pages) }); err != nil {
				return err
			}
			for _, page := range m.pages {
				if err := inTransaction(ctx, conn, func(batch *pgx.Batch) { queueInvoices(batch, page) }); err != nil {
					return err
				}
			}
			return inTransaction(ctx, conn, func(batch *pgx.Batch) { queueSummary(batch, m.summary) })
		})
		if err != nil {
			return err
		}
		var census string
		if err := conn.QueryRow(ctx, monthCensus).Scan(&census); err != nil {
			return err
		}
		return sameRows(m.census, census)
	})
	return rate, err
}

func queueSeal(batch *pgx.Batch, pages []monthPage) {
	var contracts []string
	for _, page := range pages {
		contracts = append(contracts, page.Contracts...)
	}
	batch.Queue(`UPDATE billing SET sealed_through = '2026-11-30', next_close_at = '2027-01-01T00:00:00Z' WHERE contract = ANY ($1::text[])`, contracts)
	batch.Queue(`INSERT INTO closes (contract, period, seller, due_at, state)
		SELECT unnest($1::text[]), '2026-11-01', $2, '2026-12-01T00:00:00Z', 'sealed'`, contracts, seeded.Seller)
	batch.Queue(`INSERT INTO number_series (seller, last) VALUES ($1, 0)`, seeded.Seller)
}

func queueInvoices(batch *pgx.Batch, p monthPage) {
	batch.Queue(`INSERT INTO invoices (contract, period, seller, n, number, type, currency, issued_on, due_on, net, vat_total, total, lines, content)
		SELECT unnest($1::text[]), unnest($2::text[])::date, $3, unnest($4::bigint[]), unnest($5::text[]), 380, 'EUR', unnest($6::text[])::date,
		       unnest($7::text[])::date, unnest($8::text[])::numeric, unnest($9::text[])::numeric, unnest($10::text[])::numeric,
		       unnest($11::bigint[]), unnest($12::bytea[])`,
		p.Contracts, p.Periods, seeded.Seller, p.Ns, p.Numbers, p.IssuedOn, p.DueOn, p.Nets, p.VATs, p.Totals, p.Lines, p.Contents)
	batch.Queue(`UPDATE number_series SET last = $2 WHERE seller = $1`, seeded.Seller, p.Ns[len(p.Ns)-1])
	batch.Queue(`INSERT INTO mail (no, n, event, account, recipient, name, locale, params, key, created_at, next_at)
		SELECT unnest($1::bigint[]), unnest($2::bigint[]), 'invoice.issued', unnest($3::text[]), unnest($4::text[]), '', 'en',
		       unnest($5::text[])::json, unnest($6::text[])::uuid, unnest($7::timestamptz[]), 'infinity'`,
		p.MailNos, p.MailNs, p.Accounts, p.Recipients, p.Params, p.Keys, p.CreatedAt)
	batch.Queue(`INSERT INTO undocumented (contract, period, mail_no, mail_from, mail_to)
		SELECT unnest($1::text[]), unnest($2::text[])::date, unnest($3::bigint[]), unnest($4::bigint[]), unnest($4::bigint[])`,
		p.Contracts, p.Periods, p.MailNos, p.MailNs)
	batch.Queue(`UPDATE closes AS c SET state = 'done', detail = m.number, closed_at = clock_timestamp(), tried_at = clock_timestamp()
		FROM (SELECT unnest($1::text[]) AS contract, unnest($2::text[])::date AS period, unnest($3::text[]) AS number) AS m
		WHERE c.contract = m.contract AND c.period = m.period`, p.Contracts, p.Periods, p.Numbers)
}

func queueSummary(batch *pgx.Batch, s summary) {
	batch.Queue(`UPDATE closes SET told = state WHERE seller = $1`, seeded.Seller)
	batch.Queue(`INSERT INTO mail (no, n, event, account, recipient, name, locale, params, key, created_at)
		VALUES ($1, $2, 'month.closed', '', $3, '', 'en', $4::text::json, $5::text::uuid, $6)`, s.No, s.N, s.Recipient, s.Params, s.Key, s.CreatedAt)
}
