package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// checkInvoices is I4, as far as the check of the worker does not say it: every
// month that ended is closed, once, and what the seats of a month cost is
// computed anew.
func (w *world) checkInvoices(ctx context.Context) error {
	for _, wrong := range []struct{ sentence, sql string }{
		{"%d contracts have months that ended and are not closed", "SELECT count(*) FROM billing WHERE next_close_at <= ledger_now()"},
		{"%d months have two invoices", "SELECT count(*) FROM (SELECT FROM invoices GROUP BY contract, period HAVING count(*) > 1) AS twice"},
		{"%d charges are of a closed month, and on no invoice", `
			SELECT count(*) FROM charges AS c JOIN billing AS b USING (contract) JOIN closes AS m USING (contract, period)
			WHERE c.period <= b.sealed_through AND m.state = 'done' AND NOT EXISTS (SELECT FROM invoiced_charges AS x WHERE x.no = c.no AND x.n = c.n)`},
	} {
		n, err := w.count(ctx, wrong.sql)
		if err != nil {
			return fmt.Errorf("looking at invoices: %w", err)
		}
		if n > 0 {
			w.fail("I4: "+wrong.sentence, n)
		}
	}
	if err := w.pool.QueryRow(ctx, "SELECT count(*), coalesce(sum(lines), 0) FROM invoices").Scan(&w.invoices, &w.lines); err != nil {
		return fmt.Errorf("counting invoices: %w", err)
	}
	return w.checkSeats(ctx)
}

// seatsAnew compares, subscription by subscription and month by month, what the
// invoices charge for seats with the sum over the days of the month of seats ×
// price ÷ days of the month. It shares no code with the program, knows no spans,
// and rounds nothing: each line may differ by half of the smallest unit.
const seatsAnew = `
WITH zone AS (
	SELECT contract, time_zone, day_count, currency, 0.5 * CASE currency WHEN 'JPY' THEN 1 ELSE 0.01 END AS half FROM contracts
), change AS ( -- from which day on it counts
	SELECT s.subscription, x.delta, x.effective_on + CASE
	         WHEN z.day_count = 'end_of_day' THEN 0
	         WHEN x.ends_term THEN 1
	         ELSE (x.effective_at > x.effective_on::timestamp AT TIME ZONE z.time_zone)::int END AS first_on
	FROM seat_changes AS x JOIN subscriptions AS s USING (subscription) JOIN zone AS z USING (contract)
), price AS (
	SELECT s.subscription, p.no, p.at, (item -> 'prices' ->> 'flexible')::numeric AS unit_price, day.at_on + (p.at > day.at_on::timestamp AT TIME ZONE z.time_zone)::int AS first_on
	FROM subscriptions AS s JOIN zone AS z USING (contract) JOIN contract_prices AS p USING (contract)
	CROSS JOIN LATERAL (SELECT (p.at AT TIME ZONE z.time_zone)::date AS at_on) AS day
	CROSS JOIN LATERAL jsonb_array_elements(p.products) AS item
	WHERE s.plan = 'flexible' AND item ->> 'product' = s.product AND item -> 'prices' ->> 'flexible' IS NOT NULL
	UNION ALL
	SELECT s.subscription, p.no, p.starts_at, p.unit_price, (p.starts_at AT TIME ZONE z.time_zone)::date + (z.day_count <> 'end_of_day')::int
	FROM subscriptions AS s JOIN zone AS z USING (contract) JOIN term_prices AS p USING (subscription)
	WHERE s.plan = 'annual_monthly'
), anew AS (
	SELECT s.contract, m.period, s.subscription, sum(held.seats * paid.unit_price / extract(day FROM m.period + interval '1 month - 1 day')) AS net
	FROM closes AS m
	JOIN subscriptions AS s USING (contract)
	CROSS JOIN LATERAL generate_series(m.period::timestamp, m.period + interval '1 month - 1 day', interval '1 day') AS day
	CROSS JOIN LATERAL (SELECT sum(delta) AS seats FROM change AS c WHERE c.subscription = s.subscription AND c.first_on <= day::date) AS held
	CROSS JOIN LATERAL (
		(SELECT unit_price FROM price AS p WHERE p.subscription = s.subscription AND p.first_on <= day::date ORDER BY p.first_on DESC, p.at DESC, p.no DESC LIMIT 1)
		UNION ALL
		(SELECT unit_price FROM price AS p WHERE p.subscription = s.subscription ORDER BY p.first_on, p.at, p.no LIMIT 1)
		LIMIT 1
	) AS paid
	WHERE m.state = 'done' AND held.seats > 0
	GROUP BY 1, 2, 3
), line AS (
	SELECT i.contract, i.period, l ->> 'subscription' AS subscription, sum((l ->> 'net')::numeric) AS net, count(*) AS lines
	FROM invoices AS i CROSS JOIN LATERAL json_array_elements(convert_from(i.content, 'UTF8')::json -> 'lines') AS l
	WHERE l ->> 'kind' = 'seats'
	GROUP BY 1, 2, 3
)
SELECT format('seats of %s in %s under %s: %s on the invoice, %s by the day', coalesce(l.subscription, a.subscription),
              to_char(coalesce(l.period, a.period), 'YYYY-MM'), z.contract, coalesce(l.net, 0), round(coalesce(a.net, 0), 6))
FROM line AS l FULL JOIN anew AS a ON a.contract = l.contract AND a.period = l.period AND a.subscription = l.subscription
JOIN zone AS z ON z.contract = coalesce(l.contract, a.contract)
WHERE abs(coalesce(l.net, 0) - coalesce(a.net, 0)) > coalesce(l.lines, 1) * z.half + 0.000001 -- of a quotient
LIMIT 5`

func (w *world) checkSeats(ctx context.Context) error {
	rows, err := w.pool.Query(ctx, seatsAnew)
	if err != nil {
		return fmt.Errorf("computing seats anew: %w", err)
	}
	sentences, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("computing seats anew: %w", err)
	}
	for _, sentence := range sentences {
		w.fail("I4: %s", sentence)
	}
	return nil
}
