-- The newest first.
SELECT c.seq, c.source, c.id, c.kind, c.actor, c.accepted_at, coalesce(p.attempts, 0) AS attempts,
       coalesce(o.status, CASE WHEN p.dead_at IS NULL THEN 'waiting' ELSE 'dead' END) AS status,
       coalesce(nullif(o.reason, ''), p.error, '') AS reason
FROM (SELECT * FROM commands WHERE seq < $1 ORDER BY seq DESC LIMIT $2::bigint) AS c
LEFT JOIN pending AS p USING (seq)
LEFT JOIN outcomes AS o USING (seq)
ORDER BY c.seq DESC
