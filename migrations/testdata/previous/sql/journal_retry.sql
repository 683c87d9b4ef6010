UPDATE pending
SET dead_at = NULL, error = '', attempts = 0, next_at = clock_timestamp()
WHERE seq = $1 AND dead_at IS NOT NULL;
