-- Those that had seats in their month. A year that was paid in full has charges instead.
SELECT m.period AS month, s.subscription, s.contract, s.account, s.product, s.plan, s.seats, s.cap, s.starts_on, s.term, s.term_starts_on,
       s.term_ends_on, s.renewal, s.renewal_seats, s.unit_price::text AS unit_price, s.state, s.no, s.next_due_at, s.changed_at,
       before.seats AS before
FROM (SELECT unnest($1::text[]) AS contract, unnest($2::date[]) AS period) AS m
JOIN subscriptions AS s ON s.contract = m.contract AND s.plan <> 'annual_yearly'
CROSS JOIN LATERAL (
    SELECT coalesce((SELECT c.seats_after FROM seat_changes AS c
                     WHERE c.subscription = s.subscription AND c.effective_on < m.period
                     ORDER BY c.effective_on DESC, c.effective_at DESC, c.no DESC, c.n DESC LIMIT 1), 0) AS seats
) AS before
WHERE before.seats > 0
   OR EXISTS (SELECT FROM seat_changes AS c
              WHERE c.subscription = s.subscription AND c.effective_on >= m.period AND c.effective_on < m.period + interval '1 month')
ORDER BY s.subscription;
