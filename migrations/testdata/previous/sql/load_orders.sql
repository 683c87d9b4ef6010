SELECT order_id, kind, contract, account, product, subscription, quantity, purchase_order, note, print_note, state,
       requested_at, requested_by, assigned_at, result, no, changed_at
FROM orders
WHERE order_id = ANY ($1::text[]);
