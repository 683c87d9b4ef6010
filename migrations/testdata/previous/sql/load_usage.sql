SELECT a.account,
       EXISTS (SELECT FROM accounts AS c WHERE c.parent = a.account) AS children,
       EXISTS (SELECT FROM contracts AS c WHERE c.reseller = a.account) AS contracts,
       EXISTS (SELECT FROM orders AS o WHERE o.account = a.account AND o.state = 'requested') AS requested_orders,
       EXISTS (SELECT FROM subscriptions AS s WHERE s.account = a.account AND s.state = 'running') AS running_subscriptions
FROM accounts AS a
WHERE a.account = ANY ($1::text[]);
