WITH holdings AS (
    SELECT product, contract, expires_on, quantity, deployed, allocated, 0::bigint AS stock
    FROM licenses
    WHERE account = $1 AND is_open
    UNION ALL
    SELECT product, contract, expires_on, 0, 0, 0, remaining
    FROM lots
    WHERE account = $1 AND is_open
)
SELECT h.product, sum(h.quantity)::bigint, sum(h.quantity - h.deployed - h.allocated)::bigint, sum(h.deployed)::bigint,
       sum(h.allocated)::bigint, sum(h.stock)::bigint
FROM holdings AS h
JOIN contracts AS c USING (contract)
WHERE h.product > $2 AND ((SELECT ledger_now()) AT TIME ZONE c.time_zone)::date < h.expires_on
GROUP BY h.product
ORDER BY h.product
LIMIT $3::bigint
