-- Those that had seats in the month. A year that was paid in full has charges instead.
SELECT s.subscription, s.contract, s.account, s.product, s.plan, s.seats, s.cap, s.starts_on, s.term, s.term_starts_on, s.term_ends_on, s.renewal, s.renewal_seats, s.unit_price::text AS unit_price, s.state, s.no, s.next_due_at, s.changed_at, before.seats AS before
FROM subscriptions AS s
CROSS JOIN LATERAL (
    SELECT coalesce(sum(delta), 0)::bigint AS seats FROM seat_changes AS c
    WHERE c.subscription = s.subscription AND c.effective_on < $2::date
) AS before
WHERE s.contract = $1 AND s.plan <> 'annual_yearly'
  AND (before.seats > 0
       OR EXISTS (SELECT FROM seat_changes AS c
                  WHERE c.subscription = s.subscription AND c.effective_on BETWEEN $2::date AND $3::date))
ORDER BY s.subscription;
