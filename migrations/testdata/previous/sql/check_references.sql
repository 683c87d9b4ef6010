-- Hot tables have no foreign keys; what they name must exist all the same.
WITH named AS (
    SELECT 'lot ' || lot AS what, account, product, contract FROM lots
    UNION ALL
    SELECT 'license ' || license, account, product, contract FROM licenses
    UNION ALL
    SELECT 'order ' || order_id, account, product, contract FROM orders
    UNION ALL
    SELECT format('charge %s-%s', no, n), account, product, contract FROM charges
)
SELECT format('%s: names account %s, product %s and contract %s, of which one does not exist', what, account, product, contract)
FROM named
WHERE NOT EXISTS (SELECT FROM accounts AS a WHERE a.account = named.account)
   OR named.product <> '' AND NOT EXISTS (SELECT FROM products AS p WHERE p.product = named.product)
   OR NOT EXISTS (SELECT FROM contracts AS c WHERE c.contract = named.contract)
UNION ALL
SELECT format('movement %s-%s: has no outcome', m.no, m.n)
FROM movements AS m LEFT JOIN outcomes AS o USING (no)
WHERE o.no IS NULL
UNION ALL
SELECT format('history of %s, number %s: has no outcome', h.account, h.no)
FROM history AS h LEFT JOIN outcomes AS o USING (no)
WHERE o.no IS NULL
ORDER BY 1;
