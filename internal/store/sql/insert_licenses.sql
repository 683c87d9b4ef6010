-- Their ids come from their commands: none of them can be there already.
INSERT INTO licenses (license, account, product, contract, quantity, deployed, allocated, starts_on, expires_on, expired, no, next_due_at, changed_at)
SELECT unnest($1::text[]),
       unnest($2::text[]),
       unnest($3::text[]),
       unnest($4::text[]),
       unnest($5::bigint[]),
       unnest($6::bigint[]),
       unnest($7::bigint[]),
       unnest($8::date[]),
       unnest($9::date[]),
       unnest($10::boolean[]),
       unnest($11::bigint[]),
       unnest($12::timestamptz[]),
       unnest($13::timestamptz[]);
