-- A statement of its own, so that its plan always goes by the recipient.
SELECT no, n, event, account, recipient, locale, params, state, attempts, created_at, next_at, sent_at, message_id, doubtful, error
FROM mail
WHERE recipient = $1 AND (no, n) < ($2::bigint, $3::bigint)
ORDER BY no DESC, n DESC
LIMIT $4::bigint
