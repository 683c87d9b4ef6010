SELECT i.number, d.content
FROM documents AS d
JOIN invoices AS i USING (contract, period)
WHERE d.contract = $1 AND d.period = $2 AND d.format = $3
