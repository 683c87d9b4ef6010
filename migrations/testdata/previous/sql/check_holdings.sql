-- Every holding equals its movements.
WITH moved AS (
    SELECT holding, sum(n) AS n
    FROM (SELECT to_holding AS holding, quantity AS n FROM movements
          UNION ALL
          SELECT from_holding, -quantity FROM movements) AS both_ends
    WHERE holding NOT IN ('issued', 'expired')
    GROUP BY holding
), held AS (
    SELECT lot AS holding, 'lot' AS sort, remaining AS n FROM lots
    UNION ALL
    SELECT license, 'license', CASE WHEN expired THEN 0 ELSE quantity END FROM licenses
)
SELECT CASE WHEN h.holding IS NULL
            THEN format('holding %s: %s by its movements, but there is no such lot or license', m.holding, m.n)
            ELSE format('%s %s: holds %s, but %s by its movements', h.sort, h.holding, h.n, coalesce(m.n, 0)) END
FROM held AS h FULL JOIN moved AS m USING (holding)
WHERE coalesce(h.n, -1) <> coalesce(m.n, 0)
ORDER BY holding;
