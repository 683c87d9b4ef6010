-- A statement of its own, so that its plan always goes by the recipient.
SELECT no, n, event, recipient, locale, params, state, attempts, sent_at, message_id, doubtful, error
FROM mail
WHERE recipient = $5 AND ($4::text = '' OR state = $4) AND (no, n) > ($1::bigint, $2::bigint)
ORDER BY no, n
LIMIT $3::bigint
