INSERT INTO orders (order_id, kind, contract, account, product, subscription, quantity, purchase_order, note, print_note, state, requested_at, requested_by, assigned_at, result, no, changed_at)
SELECT unnest($1::text[]),
       unnest($2::text[]),
       unnest($3::text[]),
       unnest($4::text[]),
       unnest($5::text[]),
       unnest($6::text[]),
       unnest($7::bigint[]),
       unnest($8::text[]),
       unnest($9::text[]),
       unnest($10::boolean[]),
       unnest($11::text[]),
       unnest($12::timestamptz[]),
       unnest($13::text[]),
       unnest($14::timestamptz[]),
       unnest($15::json[]),
       unnest($16::bigint[]),
       unnest($17::timestamptz[])
ON CONFLICT (order_id) DO UPDATE SET
    state = excluded.state,
    assigned_at = excluded.assigned_at,
    result = excluded.result,
    changed_at = excluded.changed_at;
