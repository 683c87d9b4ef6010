-- Takes one webhook that has not got what there is up to number $1, for $2.
-- None rests for more than half an hour: what does was written before the clock
-- of the machine was set back, and is due now.
WITH due AS MATERIALIZED (
    SELECT webhook
    FROM webhooks
    WHERE state = 'active' AND (next_at <= clock_timestamp() OR next_at > clock_timestamp() + interval '35 minutes') AND cursor_no <= $1
    ORDER BY next_at, webhook
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
UPDATE webhooks AS w
SET token = w.token + 1, next_at = clock_timestamp() + $2::interval
FROM due JOIN webhook_secrets AS s USING (webhook)
WHERE w.webhook = due.webhook
RETURNING w.webhook, w.url, w.types, w.account, w.cursor_no, w.cursor_n, w.token, w.attempts, s.secret;
