UPDATE undocumented
SET attempts = attempts + 1, error = $3, next_at = clock_timestamp() + least(interval '1 second' * 4 ^ least(attempts, 6), interval '1 hour')
WHERE contract = $1 AND period = $2;
