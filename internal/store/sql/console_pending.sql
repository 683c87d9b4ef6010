-- What waits, or what is dead, the oldest first.
SELECT c.seq, c.source, c.id, c.kind, c.actor, c.accepted_at, p.attempts,
       CASE WHEN p.dead_at IS NULL THEN 'waiting' ELSE 'dead' END AS status, p.error AS reason
FROM (SELECT * FROM pending WHERE (dead_at IS NOT NULL) = $1 AND seq > $2 ORDER BY seq LIMIT $3::bigint) AS p
JOIN commands AS c USING (seq)
ORDER BY c.seq
