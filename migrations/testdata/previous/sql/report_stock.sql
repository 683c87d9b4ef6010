-- A lot that was used up stays empty; what is left of one is expired from its day on.
SELECT l.lot, l.account, l.product, l.contract, l.quantity, l.remaining, l.purchased_on, l.expires_on,
       CASE WHEN l.expired THEN 'expired'
            WHEN l.remaining = 0 THEN 'empty'
            WHEN ((SELECT ledger_now()) AT TIME ZONE c.time_zone)::date >= l.expires_on THEN 'expired'
            ELSE 'open' END
FROM lots AS l
JOIN contracts AS c USING (contract)
WHERE l.account = $1 AND (l.no, l.lot) > ($2, $3::text)
ORDER BY l.no, l.lot
LIMIT $4::bigint
