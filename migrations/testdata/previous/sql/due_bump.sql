UPDATE pending SET attempts = 0, next_at = clock_timestamp() + interval '1 minute' WHERE seq = $1 AND dead_at IS NULL;
