-- Prolongs the leases of mails that are still being sent.
UPDATE mail m
SET next_at = clock_timestamp() + $4::interval
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS given (no, n, token)
WHERE m.no = given.no AND m.n = given.n AND m.token = given.token AND m.state = 'sending'
