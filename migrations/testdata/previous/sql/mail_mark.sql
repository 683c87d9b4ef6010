-- Records what became of a claimed mail ($1, $2), unless another worker has
-- claimed it since. What may have arrived once stays in doubt until it is settled.
UPDATE mail
SET state    = CASE WHEN $4::text = 'pending' AND doubtful THEN 'in_doubt' ELSE $4::text END,
    doubtful = doubtful OR $7::bool,
    next_at  = clock_timestamp() + $5::interval,
    sent_at  = CASE $4::text WHEN 'sent' THEN clock_timestamp() END,
    error    = $6
WHERE no = $1 AND n = $2 AND token = $3 AND waits
