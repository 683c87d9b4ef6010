SELECT contract, account, nullif(product, ''), kind, quantity, amount, currency, effective_on, NULL::text AS invoice, no, n
FROM charges
WHERE contract = $1 AND (period, no, n) > (coalesce($2::date, '-infinity'), $3::bigint, $4::bigint)
ORDER BY period, no, n
LIMIT $5::bigint
