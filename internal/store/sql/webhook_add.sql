WITH named AS (
    SELECT 'wh' || nextval('webhooks_seq') AS webhook
), added AS (
    INSERT INTO webhooks (webhook, url, types, account, cursor_no, cursor_n)
    SELECT webhook, $1, $2, $3, $4, $5 FROM named
    RETURNING webhook
)
SELECT webhook FROM added;
