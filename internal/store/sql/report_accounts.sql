WITH RECURSIVE below AS (
    SELECT account FROM accounts WHERE account = $1
    UNION
    SELECT a.account FROM below AS b JOIN accounts AS a ON a.parent = b.account
)
SELECT a.account, a.kind, nullif(a.parent, ''), a.name, nullif(a.package, ''), a.trial, a.status
FROM below AS b
JOIN accounts AS a USING (account)
WHERE a.account > $2
ORDER BY a.account
LIMIT $3::bigint
