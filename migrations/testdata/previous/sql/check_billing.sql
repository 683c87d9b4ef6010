-- A closed month is invoiced once and whole, and what was issued is unharmed.
WITH line AS (
    SELECT c.no, c.n, c.contract, c.period, count(x.no) AS invoiced,
           bool_or(x.contract <> c.contract OR x.period <> c.period) AS elsewhere
    FROM charges AS c LEFT JOIN invoiced_charges AS x ON x.no = c.no AND x.n = c.n
    GROUP BY c.no, c.n
), file AS (
    SELECT contract, period, format, content, sha256 <> sha256(content) AS changed
    FROM documents
), format AS (
    SELECT unnest(ARRAY['json', 'csv', 'pdf', 'xml']) AS format
), issued AS (
    SELECT seller, count(*) AS number, min(n) AS first, max(n) AS last FROM invoices GROUP BY seller
)
SELECT format('charge %s-%s: %s of contract %s is closed, but no invoice has it', l.no, l.n, to_char(l.period, 'YYYY-MM'), l.contract) AS sentence
FROM line AS l JOIN closes AS m ON m.contract = l.contract AND m.period = l.period AND m.state = 'done'
WHERE l.invoiced = 0
UNION ALL
SELECT format('charge %s-%s: is of %s of contract %s, but on the invoice of another', no, n, to_char(period, 'YYYY-MM'), contract)
FROM line WHERE elsewhere
UNION ALL
SELECT format('charge %s-%s: is on an invoice, but does not exist', x.no, x.n)
FROM invoiced_charges AS x LEFT JOIN charges AS c ON c.no = x.no AND c.n = x.n
WHERE c.no IS NULL
UNION ALL
SELECT format('charge %s-%s: is on an invoice of %s of contract %s, which does not exist', x.no, x.n, to_char(x.period, 'YYYY-MM'), x.contract)
FROM invoiced_charges AS x LEFT JOIN invoices AS i ON i.contract = x.contract AND i.period = x.period
WHERE i.contract IS NULL
UNION ALL
SELECT format('contract %s: is closed through %s, but not listed as closed for %s', b.contract, b.sealed_through, to_char(month, 'YYYY-MM'))
FROM billing AS b
CROSS JOIN LATERAL (SELECT min(period) AS first FROM closes AS m WHERE m.contract = b.contract) AS began
CROSS JOIN LATERAL generate_series(coalesce(began.first, date_trunc('month', b.sealed_through::timestamp)), b.sealed_through::timestamp, interval '1 month') AS month
WHERE b.sealed_through IS NOT NULL
  AND NOT EXISTS (SELECT FROM closes AS m WHERE m.contract = b.contract AND m.period = month::date)
UNION ALL
SELECT format('contract %s: %s is listed as closed, but it is open', m.contract, to_char(m.period, 'YYYY-MM'))
FROM closes AS m LEFT JOIN billing AS b ON b.contract = m.contract
WHERE b.sealed_through IS NULL OR b.sealed_through < m.period
UNION ALL
SELECT format('invoice %s: %s of contract %s is %s', i.number, to_char(i.period, 'YYYY-MM'), i.contract,
              coalesce(m.state || ' with: ' || m.detail, 'not closed'))
FROM invoices AS i LEFT JOIN closes AS m ON m.contract = i.contract AND m.period = i.period
WHERE m.state IS DISTINCT FROM 'done' OR m.detail <> i.number OR m.seller <> i.seller
UNION ALL
SELECT format('contract %s: %s is closed with %s, but there is no such invoice', m.contract, to_char(m.period, 'YYYY-MM'), m.detail)
FROM closes AS m LEFT JOIN invoices AS i ON i.contract = m.contract AND i.period = m.period
WHERE m.state = 'done' AND m.detail <> 'nothing to invoice' AND i.contract IS NULL
UNION ALL
SELECT format('seller %s: %s invoices numbered %s to %s, but %s numbers given', coalesce(s.seller, x.seller),
              coalesce(x.number, 0), coalesce(x.first, 0), coalesce(x.last, 0), coalesce(s.last, 0))
FROM number_series AS s FULL JOIN issued AS x ON x.seller = s.seller
WHERE coalesce(s.last, 0) <> coalesce(x.number, 0) OR coalesce(x.last, 0) <> coalesce(x.number, 0) OR x.first <> 1
UNION ALL
SELECT format('invoice %s: has no %s document', i.number, f.format)
FROM invoices AS i CROSS JOIN format AS f
WHERE NOT EXISTS (SELECT FROM documents AS d WHERE d.contract = i.contract AND d.period = i.period AND d.format = f.format)
  AND NOT EXISTS (SELECT FROM undocumented AS u WHERE u.contract = i.contract AND u.period = i.period)
  AND (i.content IS NOT NULL OR f.format IN ('json', 'csv'))
UNION ALL
SELECT format('%s document of %s of contract %s: there is no such invoice', d.format, to_char(d.period, 'YYYY-MM'), d.contract)
FROM file AS d LEFT JOIN invoices AS i ON i.contract = d.contract AND i.period = d.period
WHERE i.contract IS NULL
UNION ALL
SELECT format('%s document of %s of contract %s: is not what was issued', format, to_char(period, 'YYYY-MM'), contract)
FROM file WHERE changed
UNION ALL
SELECT format('invoice %s: %s lines by its document, but %s by its row', i.number,
              json_array_length(convert_from(d.content, 'UTF8')::json -> 'lines'), i.lines)
FROM invoices AS i JOIN file AS d ON d.contract = i.contract AND d.period = i.period AND d.format = 'json' AND NOT d.changed
WHERE json_array_length(convert_from(d.content, 'UTF8')::json -> 'lines') <> i.lines
UNION ALL
SELECT format('invoice %s: waits for documents, but there is no such invoice', u.contract || ' ' || to_char(u.period, 'YYYY-MM'))
FROM undocumented AS u LEFT JOIN invoices AS i USING (contract, period)
WHERE i.contract IS NULL
UNION ALL
SELECT format('invoice %s: has %s lines and %s charges', i.number, i.lines, x.charges)
FROM invoices AS i
CROSS JOIN LATERAL (SELECT count(*) AS charges FROM invoiced_charges AS c WHERE c.contract = i.contract AND c.period = i.period) AS x
WHERE i.lines < x.charges OR i.lines = 0
ORDER BY sentence;
