-- What was taken, waits still and has not failed was not tried: it is held
-- elsewhere, or waits for the command before it.
UPDATE pending
SET attempts = greatest(attempts - 1, 0), next_at = clock_timestamp() + interval '1 second'
WHERE seq = ANY ($1::bigint[]) AND dead_at IS NULL AND error = '';
