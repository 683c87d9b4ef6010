-- Held while the documents are made; a worker that is killed lets go of them. The
-- subquery around the clock lets the index end the scan at what is due.
SELECT u.contract, u.period, i.content
FROM undocumented AS u JOIN invoices AS i USING (contract, period)
WHERE u.next_at <= (SELECT clock_timestamp())
ORDER BY u.next_at
LIMIT $1
FOR UPDATE OF u SKIP LOCKED;
