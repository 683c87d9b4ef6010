UPDATE pending
SET attempts = greatest(attempts - 1, 0), next_at = clock_timestamp() + interval '1 second'
WHERE seq = ANY ($1::bigint[]) AND dead_at IS NULL;
