-- An id alone is that of the command, unless the history shows nothing but reuses of it.
SELECT o.at, h.no, '' AS tie
FROM commands AS c
JOIN outcomes AS o USING (seq)
JOIN history AS h ON h.account = $1 AND h.no = o.no
WHERE c.source = $2 AND c.id = $3 AND $4::text = ''
UNION ALL
SELECT r.at, 9223372036854775807, r.source || '~' || r.id || '~' || encode(r.hash, 'hex')
FROM reuses AS r
JOIN users AS u ON u.user_id = r.actor
WHERE u.account = $1 AND r.source = $2 AND r.id = $3 AND starts_with(encode(r.hash, 'hex'), $4::text)
ORDER BY no, at, tie
LIMIT 1
