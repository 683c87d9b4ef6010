INSERT INTO lots (lot, account, product, contract, quantity, remaining, purchased_on, expires_on, expired, no, next_due_at, changed_at)
SELECT unnest($1::text[]),
       unnest($2::text[]),
       unnest($3::text[]),
       unnest($4::text[]),
       unnest($5::bigint[]),
       unnest($6::bigint[]),
       unnest($7::date[]),
       unnest($8::date[]),
       unnest($9::boolean[]),
       unnest($10::bigint[]),
       unnest($11::timestamptz[]),
       unnest($12::timestamptz[])
ON CONFLICT (lot) DO UPDATE SET
    remaining = excluded.remaining,
    expired = excluded.expired,
    next_due_at = excluded.next_due_at,
    changed_at = excluded.changed_at;
