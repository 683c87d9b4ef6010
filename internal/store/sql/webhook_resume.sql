-- Also of one that is dead, or that rests before the next attempt.
UPDATE webhooks
SET state = 'active', token = token + 1, attempts = 0, failing_since = NULL, error = '', next_at = clock_timestamp()
WHERE webhook = $1;
