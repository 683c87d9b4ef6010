SELECT i.number, i.type, i.contract, a.name AS reseller, i.period, i.net, i.vat_total AS vat, i.total, i.currency, i.issued_on, i.due_on
FROM closes AS c
JOIN invoices AS i USING (contract, period)
JOIN contracts AS k USING (contract)
JOIN accounts AS a ON a.account = k.reseller
WHERE c.seller = $1 AND c.period = $2 AND c.told <> c.state
ORDER BY i.n
LIMIT $3;
