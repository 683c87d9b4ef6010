-- An id alone is that of the command, unless the history shows nothing but refusals of it.
SELECT no
FROM (
    SELECT h.no, 1 AS choice
    FROM commands AS c
    JOIN outcomes AS o USING (seq)
    JOIN history AS h ON h.account = $1 AND h.no = o.no
    WHERE c.source = $2 AND c.id = $3 AND $4::text = ''
    UNION ALL
    SELECT r.no, 2
    FROM refusals AS r
    WHERE r.account = $1 AND r.source = $2 AND r.id = $3 AND starts_with(encode(r.hash, 'hex'), $4::text)
) AS found
ORDER BY choice, no
LIMIT 1
