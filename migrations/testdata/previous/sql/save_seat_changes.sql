INSERT INTO seat_changes (subscription, effective_at, effective_on, no, n, delta, seats_after, unit_price, ends_term)
SELECT unnest($1::text[]),
       unnest($2::timestamptz[]),
       unnest($3::date[]),
       unnest($4::bigint[]),
       unnest($5::bigint[]),
       unnest($6::bigint[]),
       unnest($7::bigint[]),
       unnest($8::text[])::numeric,
       unnest($9::boolean[]);
