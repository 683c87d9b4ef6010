-- To the same address it stays the same message; to another it is a new one. A
-- worker that claimed it before cannot mark it any more.
WITH found AS (
    SELECT no, n, state FROM mail WHERE no = $1 AND n = $2 FOR UPDATE
), again AS (
    UPDATE mail AS m
    SET state      = 'pending',
        recipient  = CASE $3::text WHEN '' THEN m.recipient ELSE $3 END,
        key        = CASE WHEN $3::text IN ('', m.recipient) THEN m.key ELSE gen_random_uuid() END,
        message_id = CASE WHEN $3::text IN ('', m.recipient) THEN m.message_id ELSE '' END,
        token      = m.token + 1,
        attempts   = 0,
        next_at    = clock_timestamp(),
        sent_at    = NULL,
        doubtful   = false,
        error      = ''
    FROM found AS f
    WHERE m.no = f.no AND m.n = f.n AND f.state <> 'sending'
)
SELECT state FROM found
