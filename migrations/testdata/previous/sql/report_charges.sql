SELECT c.contract, c.account, nullif(c.product, ''), c.kind, c.quantity, c.amount, c.currency, c.effective_on, i.number AS invoice, c.no, c.n
FROM charges AS c
LEFT JOIN invoiced_charges AS ic ON ic.no = c.no AND ic.n = c.n
LEFT JOIN invoices AS i ON i.contract = ic.contract AND i.period = ic.period
WHERE c.contract = $1 AND (c.period, c.no, c.n) > (coalesce($2::date, '-infinity'), $3::bigint, $4::bigint)
ORDER BY c.period, c.no, c.n
LIMIT $5::bigint
