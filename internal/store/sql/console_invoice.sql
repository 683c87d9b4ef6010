-- An invoice with its files; its lines only if they are few enough to be shown.
SELECT i.number, i.type, i.seller, i.contract, c.reseller, i.period, i.n, i.currency, i.issued_on, i.due_on, i.net, i.vat_total, i.total, i.lines,
       (SELECT coalesce(json_agg(json_build_object('format', d.format, 'bytes', octet_length(d.content), 'sha256', encode(d.sha256, 'hex')) ORDER BY d.format), '[]')
        FROM documents AS d WHERE d.contract = i.contract AND d.period = i.period) AS files,
       CASE WHEN i.lines <= $3::bigint THEN (SELECT d.content FROM documents AS d WHERE d.contract = i.contract AND d.period = i.period AND d.format = 'json') END AS as_json,
       CASE WHEN i.lines <= $3::bigint THEN i.content END AS content
FROM invoices AS i
JOIN contracts AS c USING (contract)
WHERE i.contract = $1 AND i.period = $2
