-- The newest first, before a place.
SELECT i.number, i.type, i.seller, i.contract, c.reseller, i.period, i.n, i.currency, i.issued_on, i.due_on, i.net, i.vat_total, i.total, i.lines
FROM (SELECT * FROM invoices WHERE (period, seller, n) < (coalesce($1::date, 'infinity'), $2::text, $3::bigint)
      ORDER BY period DESC, seller DESC, n DESC LIMIT $4::bigint) AS i
JOIN contracts AS c USING (contract)
ORDER BY i.period DESC, i.seller DESC, i.n DESC
