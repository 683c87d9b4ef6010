-- Where the row of a cursor stands: $1 the report, $2 the id, $3 the account.
SELECT no FROM lots WHERE $1::text = 'stock' AND lot = $2 AND account = $3
UNION ALL
SELECT no FROM licenses WHERE $1::text = 'licenses' AND license = $2 AND account = $3
UNION ALL
SELECT no FROM orders WHERE $1::text = 'orders' AND order_id = $2 AND account = $3
UNION ALL
SELECT no FROM subscriptions WHERE $1::text = 'subscriptions' AND subscription = $2 AND account = $3
UNION ALL
SELECT no FROM deployments WHERE $1::text = 'deployments' AND deployment = $2 AND $3 IN (owner, account)
