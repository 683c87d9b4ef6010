-- The account, then what is below it: the accounts of each reseller in the order
-- of their ids. Only resellers have anything below them, and they are few.
WITH RECURSIVE resellers AS (
    SELECT account FROM accounts WHERE account = $1 AND kind = 'reseller'
    UNION
    SELECT a.account FROM resellers AS r JOIN accounts AS a ON a.parent = r.account AND a.kind = 'reseller'
), page AS (
    (SELECT '' AS above, a.* FROM accounts AS a WHERE a.account = $1 AND $3::text = '')
    UNION ALL
    SELECT r.account, a.*
    FROM resellers AS r
    CROSS JOIN LATERAL (
        SELECT * FROM accounts AS a
        WHERE a.parent = r.account AND (a.parent, a.account) > ($2, $3::text)
        ORDER BY a.parent, a.account
        LIMIT $4::bigint
    ) AS a
)
SELECT account, kind, nullif(parent, ''), name, nullif(package, ''), trial, status
FROM page
ORDER BY above COLLATE "C", account
LIMIT $4::bigint
