SELECT d.content
FROM invoices AS i
JOIN documents AS d USING (contract, period)
WHERE i.number = $1 AND d.format = $2
ORDER BY i.seller
LIMIT 1;
