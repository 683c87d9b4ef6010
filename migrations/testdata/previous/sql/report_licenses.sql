-- Nothing of an expired batch is available.
SELECT license, account, product, contract, quantity, deployed, allocated,
       CASE WHEN over THEN 0 ELSE quantity - deployed - allocated END, starts_on, expires_on,
       CASE WHEN over THEN 'expired' ELSE 'active' END
FROM (
    SELECT l.*, l.expired OR ((SELECT ledger_now()) AT TIME ZONE c.time_zone)::date >= l.expires_on AS over
    FROM (
        SELECT * FROM licenses
        WHERE account = $1 AND (no, license) > ($2, $3::text)
        ORDER BY no, license
        LIMIT $4::bigint
    ) AS l
    JOIN contracts AS c USING (contract)
) AS batch
ORDER BY no, license
