SELECT p.seq, p.after,
       p.after <> 0 AND EXISTS (SELECT FROM pending AS b WHERE b.seq = p.after AND b.dead_at IS NULL)
FROM pending AS p
WHERE p.seq = ANY ($1::bigint[]) AND p.dead_at IS NULL
ORDER BY p.seq
FOR UPDATE OF p SKIP LOCKED;
