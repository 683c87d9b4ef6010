-- A later statement than the insert: one that inserted and read at once would
-- see neither its own row nor that of a rival who commits meanwhile.
SELECT g.n, c.seq, c.hash, p.seq IS NOT NULL AND p.dead_at IS NULL
FROM (SELECT unnest($1::text[]) AS source, unnest($2::text[]) AS id,
             generate_series(1, cardinality($1::text[]))::bigint AS n) AS g
JOIN commands AS c ON c.source = g.source AND c.id = g.id
LEFT JOIN pending AS p ON p.seq = c.seq;
