SELECT l.*
FROM (SELECT unnest($1::text[]) AS account, unnest($2::text[]) AS product) AS pool
CROSS JOIN LATERAL (
    SELECT license, account, product, contract, quantity, deployed, allocated, starts_on, expires_on, expired, no, next_due_at, changed_at
    FROM licenses
    WHERE account = pool.account AND product = pool.product AND is_open
    ORDER BY expires_on, starts_on, no, license
    LIMIT $3::int
) AS l;
