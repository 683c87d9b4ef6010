-- The id is chosen by upstream: one that is taken meanwhile must fail, not overwrite.
INSERT INTO subscriptions (subscription, contract, account, product, plan, seats, cap, starts_on, term, term_starts_on, term_ends_on, renewal, renewal_seats, unit_price, state, no, changed_at)
SELECT unnest($1::text[]),
       unnest($2::text[]),
       unnest($3::text[]),
       unnest($4::text[]),
       unnest($5::text[]),
       unnest($6::bigint[]),
       unnest($7::bigint[]),
       unnest($8::date[]),
       unnest($9::bigint[]),
       unnest($10::date[]),
       unnest($11::date[]),
       unnest($12::text[]),
       unnest($13::bigint[]),
       unnest($14::text[])::numeric,
       unnest($15::text[]),
       unnest($16::bigint[]),
       unnest($17::timestamptz[]);
