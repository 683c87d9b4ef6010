-- Of an invoice whose documents are still being made there is what they follow from.
SELECT d.content, CASE WHEN d.content IS NULL THEN i.content END
FROM invoices AS i
LEFT JOIN documents AS d ON d.contract = i.contract AND d.period = i.period AND d.format = 'json'
WHERE (i.period, i.seller, i.n) > (coalesce($3::date, '-infinity'), $4::text, $5::bigint)
  AND ($1::date IS NULL OR i.period = $1)
  AND ($2::text = '' OR i.contract = $2)
ORDER BY i.period, i.seller, i.n
LIMIT $6::bigint
