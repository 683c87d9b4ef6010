-- Gives back what was claimed and not tried.
UPDATE mail m
SET state    = CASE WHEN m.doubtful THEN 'in_doubt' ELSE 'pending' END,
    attempts = m.attempts - 1,
    next_at  = clock_timestamp()
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS given (no, n, token)
WHERE m.no = given.no AND m.n = given.n AND m.token = given.token AND m.state = 'sending'
