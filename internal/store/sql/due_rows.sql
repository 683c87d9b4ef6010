SELECT due.source_table, due.id, due.account, due.contract, due.product, '' AS subscription, due.quantity, '' AS second,
       due.next_due_at, due.ends_on, c.time_zone
FROM (
    (SELECT 1 AS turn, 'lot' AS source_table, lot AS id, account, contract, product, quantity, next_due_at, expires_on AS ends_on
     FROM lots WHERE next_due_at <= $1 ORDER BY next_due_at, account, lot LIMIT $2::int)
    UNION ALL
    (SELECT 2, 'license', license, account, contract, product, quantity, next_due_at, expires_on
     FROM licenses WHERE next_due_at <= $1 ORDER BY next_due_at, account, license LIMIT $2::int)
    UNION ALL
    (SELECT 3, 'subscription', subscription, account, contract, product, 0, next_due_at, term_ends_on
     FROM subscriptions WHERE next_due_at <= $1 ORDER BY next_due_at, account, subscription LIMIT $2::int)
) AS due
JOIN contracts AS c USING (contract)
ORDER BY due.next_due_at, due.turn, due.account, due.id COLLATE "C"
LIMIT $2::int;
