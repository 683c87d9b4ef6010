SELECT c.seq, c.source, c.id, c.kind, c.actor, c.on_behalf_of, c.preview, c.body, c.hash, c.accepted_at, p.after
FROM commands AS c
JOIN pending AS p USING (seq)
WHERE c.seq = ANY ($1::bigint[]) AND p.dead_at IS NULL
ORDER BY c.seq;
