SELECT 'order' AS source_table, order_id AS id, account, contract, product, subscription, quantity, '' AS second
FROM orders WHERE order_id = ANY ($1::text[])
UNION ALL
SELECT 'license', license, account, contract, product, '', quantity, '' FROM licenses WHERE license = ANY ($2::text[])
UNION ALL
SELECT 'deployment', deployment, owner, '', '', '', 0, account FROM deployments WHERE deployment = ANY ($3::text[])
UNION ALL
SELECT 'subscription', subscription, account, contract, product, '', 0, '' FROM subscriptions WHERE subscription = ANY ($4::text[])
UNION ALL
SELECT 'lot', lot, account, contract, product, '', quantity, '' FROM lots WHERE lot = ANY ($5::text[]);
