-- A clock that begins to stand still begins now. One that stands in the future cannot run again.
UPDATE clock
SET test = $1,
    business_now = CASE WHEN $1 AND NOT test THEN clock_timestamp() ELSE business_now END
WHERE NOT (test AND NOT $1 AND business_now > clock_timestamp());
