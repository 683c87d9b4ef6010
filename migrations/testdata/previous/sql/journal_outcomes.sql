SELECT seq, no, status, reason, detail, summary, at, result::text
FROM outcomes
WHERE seq = ANY ($1::bigint[])
UNION ALL
SELECT seq, 0, 'dead', '', error, '', dead_at, NULL
FROM pending
WHERE seq = ANY ($1::bigint[]) AND dead_at IS NOT NULL;
