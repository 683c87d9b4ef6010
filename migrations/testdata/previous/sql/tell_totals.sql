SELECT i.currency, count(*) FILTER (WHERE i.type = 380) AS issued, count(*) FILTER (WHERE i.type = 381) AS credited,
       sum(i.net) AS net, sum(i.vat_total) AS vat, sum(i.total) AS total
FROM closes AS c JOIN invoices AS i USING (contract, period)
WHERE c.seller = $1 AND c.period = $2 AND c.told <> c.state
GROUP BY i.currency
ORDER BY min(i.n);
