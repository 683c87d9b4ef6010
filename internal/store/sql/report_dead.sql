SELECT c.id, c.source, c.kind, p.attempts, p.error, c.accepted_at, p.dead_at, p.seq
FROM pending AS p
JOIN commands AS c USING (seq)
WHERE p.dead_at IS NOT NULL AND p.seq > $1::bigint
ORDER BY p.seq
LIMIT $2::bigint;
