-- What has not been sent, by state; held is what waits for documents.
SELECT CASE WHEN next_at = 'infinity' THEN 'held' ELSE state END AS state, count(*),
       greatest(coalesce(extract(epoch FROM ledger_now() - min(created_at)), 0), 0)::float8
FROM mail
WHERE waits
GROUP BY 1;
