-- One mail, all of one cause, or a page of the newest: those before a place, of one recipient if that is given.
SELECT no, n, event, account, recipient, locale, params, state, attempts, created_at, next_at, sent_at, message_id, doubtful, error
FROM mail
WHERE (no, n) < ($1::bigint, $2::bigint) AND (no, n) > ($3::bigint, $4::bigint)
ORDER BY no DESC, n DESC
LIMIT $5::bigint
