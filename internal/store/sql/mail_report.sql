SELECT no, n, event, recipient, locale, params, state, attempts, sent_at, message_id, doubtful, error
FROM mail
WHERE (no, n) > ($1::bigint, $2::bigint) AND ($4::text = '' OR state = $4)
ORDER BY no, n
LIMIT $3::bigint
