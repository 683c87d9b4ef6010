INSERT INTO allocations (allocation, account, product, learner, license, ended_on, no, changed_at)
SELECT unnest($1::text[]),
       unnest($2::text[]),
       unnest($3::text[]),
       unnest($4::text[]),
       unnest($5::text[]),
       unnest($6::date[]),
       unnest($7::bigint[]),
       unnest($8::timestamptz[])
ON CONFLICT (allocation) DO UPDATE SET
    license = excluded.license,
    ended_on = excluded.ended_on,
    changed_at = excluded.changed_at;
