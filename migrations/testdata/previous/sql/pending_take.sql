-- The subquery around the clock lets the index end the scan at what is due,
-- which matters most when much waits.
-- One that must wait for another is left until that one is due itself.
UPDATE pending
SET attempts = attempts + 1, next_at = clock_timestamp() + interval '30 seconds'
WHERE seq IN (
    SELECT p.seq
    FROM pending AS p
    WHERE p.next_at <= (SELECT clock_timestamp()) AND p.dead_at IS NULL
      AND NOT EXISTS (SELECT FROM pending AS b
                      WHERE b.seq = p.after AND b.dead_at IS NULL AND b.next_at > clock_timestamp())
    ORDER BY p.next_at, p.seq
    LIMIT $1::int
    FOR UPDATE OF p SKIP LOCKED
)
RETURNING seq, attempts;
