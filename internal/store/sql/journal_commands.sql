SELECT c.seq, c.source, c.id, c.kind, c.actor, c.on_behalf_of, c.preview, c.body, c.hash, c.accepted_at, p.after
FROM pending AS p
JOIN commands AS c USING (seq)
WHERE p.seq = ANY ($1::bigint[]) AND p.dead_at IS NULL
ORDER BY p.seq;
