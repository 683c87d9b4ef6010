SELECT account, source, linked_at
FROM links
WHERE live AND (account = $1 OR source = $1) AND (account, source) > ($2, $3::text)
ORDER BY account, source
LIMIT $4::bigint
