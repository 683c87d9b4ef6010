-- What a turn has come to: how far, and the failure ($6) that ended it, if one did.
-- Its rest is $5; $7 is how long a webhook may fail before it is dead, and $8 that
-- it is dead at once. A turn in which nothing was tried says nothing about it, and
-- a lost lease changes nothing.
UPDATE webhooks
SET cursor_no     = $3,
    cursor_n      = $4,
    delivered     = delivered + $9,
    delivered_at  = CASE WHEN $9 > 0 THEN clock_timestamp() ELSE delivered_at END,
    attempts      = CASE WHEN $6 = '' AND $9 = 0 THEN attempts WHEN $6 = '' THEN 0 WHEN $9 > 0 THEN 1 ELSE attempts + 1 END,
    failing_since = CASE WHEN $6 = '' AND $9 = 0 THEN failing_since WHEN $6 = '' THEN NULL WHEN $9 > 0 THEN clock_timestamp() ELSE coalesce(failing_since, clock_timestamp()) END,
    error         = CASE WHEN $6 = '' AND $9 = 0 THEN error ELSE $6 END,
    next_at       = clock_timestamp() + $5::interval,
    state         = CASE WHEN $6 <> '' AND ($8 OR $9 = 0 AND failing_since < clock_timestamp() - $7::interval) THEN 'dead' ELSE state END
WHERE webhook = $1 AND token = $2
RETURNING state;
