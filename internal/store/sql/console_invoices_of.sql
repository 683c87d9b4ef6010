-- Those of a reseller, or under a contract.
SELECT i.number, i.type, i.seller, i.contract, c.reseller, i.period, i.n, i.currency, i.issued_on, i.due_on, i.net, i.vat_total, i.total, i.lines
FROM (SELECT contract, reseller FROM contracts WHERE reseller = $5
      UNION
      SELECT contract, reseller FROM contracts WHERE contract = $6) AS c
JOIN invoices AS i USING (contract)
WHERE (i.period, i.seller, i.n) < (coalesce($1::date, 'infinity'), $2::text, $3::bigint)
ORDER BY i.period DESC, i.seller DESC, i.n DESC
LIMIT $4::bigint
