UPDATE pending
SET attempts = attempts + 1,
    error    = $2,
    next_at  = clock_timestamp() + (attempts + 1) * interval '500 milliseconds',
    dead_at  = CASE WHEN attempts + 1 >= $3::bigint THEN clock_timestamp() END
WHERE seq = $1 AND dead_at IS NULL
RETURNING dead_at IS NOT NULL;
