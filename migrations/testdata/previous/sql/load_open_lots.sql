SELECT l.*
FROM (SELECT unnest($1::text[]) AS account, unnest($2::text[]) AS product) AS pool
CROSS JOIN LATERAL (
    SELECT lot, account, product, contract, quantity, remaining, purchased_on, expires_on, expired, no, next_due_at, changed_at
    FROM lots
    WHERE account = pool.account AND product = pool.product AND is_open
    ORDER BY expires_on, purchased_on, no, lot
    LIMIT $3::int
) AS l;
