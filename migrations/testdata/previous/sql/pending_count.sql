SELECT count(*) FILTER (WHERE dead_at IS NULL),
       count(*) FILTER (WHERE dead_at IS NOT NULL),
       coalesce(extract(epoch FROM clock_timestamp() - min(next_at) FILTER (WHERE dead_at IS NULL)) + 10, 0)::float8
FROM pending;
