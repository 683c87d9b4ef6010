SELECT p.seq
FROM pending AS p
JOIN commands AS c USING (seq)
WHERE p.dead_at IS NULL AND c.kind <> 'clock.advance' AND c.accepted_at < $1
ORDER BY p.seq
LIMIT $2::int;
