-- Records what became of claimed mails, unless another worker has claimed them
-- since. What may have arrived once stays in doubt until it is settled. IS TRUE
-- keeps the index of what waits out of this, all of which a planner that takes the
-- mailbox for empty would read.
UPDATE mail AS m
SET state    = CASE WHEN r.state = 'pending' AND m.doubtful THEN 'in_doubt' ELSE r.state END,
    doubtful = m.doubtful OR r.doubtful,
    next_at  = clock_timestamp() + r.wait,
    sent_at  = CASE r.state WHEN 'sent' THEN clock_timestamp() END,
    error    = r.error
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::interval[], $6::text[], $7::bool[])
    AS r (no, n, token, state, wait, error, doubtful)
WHERE m.no = r.no AND m.n = r.n AND m.token = r.token AND m.waits IS TRUE
RETURNING m.no, m.n
