-- Takes what is due: $1 rows at most, for $2. What is still being sent after its
-- lease belonged to a worker that was killed: it may have arrived, so it becomes
-- in_doubt and rests for $3. Its token stays, so that a worker that was only
-- stopped can still say what became of it.
-- After a restore nothing is sent before the operator releases it.
-- Nothing waits for longer than an hour (but for documents: for ever): what does
-- was written before the clock of the machine was set back, and is due now.
-- The subquery around the clock lets the index end the scan at what is due.
WITH due AS MATERIALIZED (
    SELECT no, n
    FROM mail
    WHERE waits AND next_at <= (SELECT clock_timestamp())
      AND NOT EXISTS (SELECT FROM restores WHERE released_at IS NULL)
    ORDER BY next_at, no, n
    LIMIT $1
    FOR UPDATE SKIP LOCKED
), astray AS MATERIALIZED (
    SELECT no, n
    FROM mail
    WHERE waits AND next_at > (SELECT clock_timestamp() + interval '65 minutes') AND next_at < 'infinity'
      AND NOT EXISTS (SELECT FROM restores WHERE released_at IS NULL)
    ORDER BY next_at, no, n
    LIMIT $1
    FOR UPDATE SKIP LOCKED
)
UPDATE mail m
SET state      = CASE m.state WHEN 'sending' THEN 'in_doubt' ELSE 'sending' END,
    doubtful   = m.doubtful OR m.state = 'sending',
    token      = m.token + (m.state <> 'sending')::int,
    attempts   = m.attempts + (m.state <> 'sending')::int,
    next_at    = clock_timestamp() + CASE m.state WHEN 'sending' THEN $3::interval ELSE $2::interval END,
    error      = CASE m.state WHEN 'sending' THEN 'the worker that was sending it stopped; it may have arrived' ELSE m.error END,
    message_id = CASE m.message_id WHEN '' THEN '<' || m.key || '@' || $4::text || '>' ELSE m.message_id END
WHERE (m.no, m.n) IN (SELECT no, n FROM due UNION ALL SELECT no, n FROM astray LIMIT $1)
RETURNING m.no, m.n, m.event, m.account, m.recipient, m.name, m.locale, m.params, m.created_at,
          m.state, m.attempts, m.token, m.message_id, m.doubtful
