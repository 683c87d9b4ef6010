-- What waits is few, and has an index.
SELECT no, n, event, account, recipient, locale, params, state, attempts, created_at, next_at, sent_at, message_id, doubtful, error
FROM mail
WHERE waits AND (next_at, no, n) > ($1::timestamptz, $2::bigint, $3::bigint)
ORDER BY next_at, no, n
LIMIT $4::bigint
