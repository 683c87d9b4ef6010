SELECT order_id AS id, account, contract, product, quantity
FROM orders
WHERE order_id = ANY ($1::text[]);
