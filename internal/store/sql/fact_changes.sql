SELECT subscription, effective_at, effective_on, no, n, delta, seats_after, unit_price::text AS unit_price, ends_term
FROM seat_changes
WHERE subscription = ANY ($1::text[]) AND effective_on BETWEEN $2::date AND $3::date
ORDER BY effective_at, no, n;
