-- Everything whose id begins with $1, that is from $1 to before $2, a few of each
-- sort; $3 and $4 are the source and id of the command that $1 names.
WITH RECURSIVE known (source, n) AS (
    (SELECT source, 1 FROM commands ORDER BY source LIMIT 1)
    UNION ALL
    SELECT (SELECT c.source FROM commands AS c WHERE c.source > k.source ORDER BY c.source LIMIT 1), k.n + 1
    FROM known AS k
    WHERE k.source IS NOT NULL AND k.n < 100
)
SELECT sort, id, of, exact
FROM (
    (SELECT 'account' AS sort, account AS id, name AS of, account = $1 AS exact FROM accounts WHERE account >= $1 AND account < $2 ORDER BY account LIMIT $5::bigint)
    UNION ALL
    (SELECT 'user', user_id, account, user_id = $1 FROM users WHERE user_id >= $1 AND user_id < $2 ORDER BY user_id LIMIT $5::bigint)
    UNION ALL
    (SELECT 'contract', contract, reseller, contract = $1 FROM contracts WHERE contract >= $1 AND contract < $2 ORDER BY contract LIMIT $5::bigint)
    UNION ALL
    (SELECT 'command', c.source || '~' || c.id, c.kind, c.id = $1
     FROM known AS k
     CROSS JOIN LATERAL (SELECT * FROM commands WHERE source = k.source AND id >= $1 AND id < $2 ORDER BY id LIMIT $5::bigint) AS c
     WHERE k.source IS NOT NULL
     ORDER BY c.id
     LIMIT $5::bigint)
    UNION ALL
    (SELECT 'command', source || '~' || id, kind, true FROM commands WHERE source = $3 AND id = $4 AND id <> $1)
    UNION ALL
    (SELECT 'command', source || '~' || id, reason, true FROM refusals AS r
     WHERE source = $3 AND id = $4
       AND NOT EXISTS (SELECT FROM commands AS c WHERE c.source = r.source AND c.id = r.id)
     LIMIT 1)
    UNION ALL
    (SELECT 'lot', lot, account, lot = $1 FROM lots WHERE lot >= $1 AND lot < $2 ORDER BY lot LIMIT $5::bigint)
    UNION ALL
    (SELECT 'license', license, account, license = $1 FROM licenses WHERE license >= $1 AND license < $2 ORDER BY license LIMIT $5::bigint)
    UNION ALL
    (SELECT 'order', order_id, account, order_id = $1 FROM orders WHERE order_id >= $1 AND order_id < $2 ORDER BY order_id LIMIT $5::bigint)
    UNION ALL
    (SELECT 'subscription', subscription, account, subscription = $1 FROM subscriptions WHERE subscription >= $1 AND subscription < $2
     ORDER BY subscription LIMIT $5::bigint)
    UNION ALL
    (SELECT 'deployment', deployment, owner, deployment = $1 FROM deployments WHERE deployment >= $1 AND deployment < $2 ORDER BY deployment LIMIT $5::bigint)
    UNION ALL
    (SELECT 'invoice', number || ' ' || to_char(period, 'YYYY-MM'), contract, true FROM invoices WHERE number = $1 ORDER BY seller LIMIT $5::bigint)
    UNION ALL
    (SELECT 'mail', no || '-' || n, recipient, false FROM mail WHERE recipient = $1 ORDER BY no DESC, n DESC LIMIT $5::bigint)
    UNION ALL
    (SELECT 'mail', no || '-' || n, recipient, true FROM mail WHERE no = $6 AND n = $7)
) AS found
