UPDATE webhooks
SET cursor_no = $2, cursor_n = $3, token = token + 1, attempts = 0, failing_since = NULL, error = '', next_at = clock_timestamp()
WHERE webhook = $1;
