-- Takes up to $1 commands that have waited too long. The subquery around the
-- clock lets the index end the scan at what is due, which matters most when much
-- waits.
-- One that must wait for another is left until that one is due itself. The other
-- is found by its number: coalesce keeps the index by next_at out of that, all of
-- which a planner that takes it for empty would read for each row.
-- Nothing is ever due in more than half a minute: what is was written before the
-- clock of the machine was set back, and is due now.
UPDATE pending
SET attempts = attempts + 1, next_at = clock_timestamp() + interval '30 seconds'
WHERE seq = ANY (ARRAY(
    SELECT p.seq
    FROM pending AS p
    WHERE p.next_at <= (SELECT clock_timestamp()) AND p.dead_at IS NULL
      AND NOT EXISTS (SELECT FROM pending AS b
                      WHERE b.seq = p.after AND b.dead_at IS NULL AND coalesce(b.next_at, '-infinity') > clock_timestamp())
    ORDER BY p.next_at, p.seq
    LIMIT $1::int
    FOR UPDATE OF p SKIP LOCKED
) || ARRAY(
    SELECT p.seq
    FROM pending AS p
    WHERE p.next_at > (SELECT clock_timestamp() + interval '1 minute') AND p.dead_at IS NULL
    ORDER BY p.next_at, p.seq
    LIMIT $1::int
    FOR UPDATE OF p SKIP LOCKED
))
RETURNING seq, attempts;
