-- Not with EXISTS, which may be answered by reading all that exists first.
SELECT a.account,
       (SELECT true FROM accounts AS c WHERE c.parent = a.account LIMIT 1) IS NOT NULL AS children,
       (SELECT true FROM contracts AS c WHERE c.reseller = a.account LIMIT 1) IS NOT NULL AS contracts,
       (SELECT true FROM orders AS o WHERE o.account = a.account AND o.state = 'requested' LIMIT 1) IS NOT NULL AS requested_orders,
       (SELECT true FROM subscriptions AS s WHERE s.account = a.account AND s.state = 'running' LIMIT 1) IS NOT NULL AS running_subscriptions
FROM accounts AS a
WHERE a.account = ANY ($1::text[]);
