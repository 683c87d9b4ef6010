-- A command from its acceptance on: by its id, or by the number of its outcome.
SELECT c.seq, c.source, c.id, c.kind, c.actor, c.on_behalf_of, c.key_id, c.body::text AS body, c.accepted_at,
       p.after, coalesce(p.attempts, 0) AS attempts, coalesce(p.error, '') AS error, p.next_at, p.dead_at,
       coalesce(o.no, 0) AS no, coalesce(o.status, CASE WHEN p.dead_at IS NULL THEN 'waiting' ELSE 'dead' END) AS status,
       coalesce(o.reason, '') AS reason, coalesce(o.detail, '') AS detail, coalesce(o.summary, '') AS summary, o.at, o.result::text AS result
FROM commands AS c
LEFT JOIN pending AS p USING (seq)
LEFT JOIN outcomes AS o USING (seq)
WHERE c.seq = coalesce((SELECT k.seq FROM commands AS k WHERE k.source = $1 AND k.id = $2),
                       (SELECT k.seq FROM outcomes AS k WHERE k.no = $3))
