-- What waits, in business time, which stands still with the test clock. The
-- number of a command in the journal says which is the oldest.
SELECT count(*) FILTER (WHERE dead_at IS NULL),
       count(*) FILTER (WHERE dead_at IS NULL AND error <> ''),
       count(*) FILTER (WHERE dead_at IS NOT NULL),
       greatest(coalesce(extract(epoch FROM ledger_now() - (
           SELECT c.accepted_at FROM pending AS p JOIN commands AS c USING (seq) WHERE p.dead_at IS NULL ORDER BY p.seq LIMIT 1)), 0), 0)::float8,
       greatest(coalesce(extract(epoch FROM clock_timestamp() - min(dead_at)), 0), 0)::float8
FROM pending;
