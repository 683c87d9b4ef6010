-- Who belongs to whom: all that a subtree is judged by.
WITH RECURSIVE path AS (
    SELECT account, kind, parent FROM accounts
    WHERE account = ANY ($1::text[])
       OR account IN (SELECT account FROM users WHERE user_id = ANY ($2::text[]))
       OR account IN (SELECT reseller FROM contracts WHERE contract = ANY ($3::text[]))
    UNION
    SELECT a.account, a.kind, a.parent FROM (SELECT DISTINCT parent FROM path) AS p JOIN accounts AS a ON a.account = p.parent
)
SELECT 'account' AS what, account AS id, parent AS belongs FROM path
UNION ALL
SELECT 'user', user_id, account FROM users WHERE user_id = ANY ($2::text[])
UNION ALL
SELECT 'contract', contract, reseller FROM contracts WHERE contract = ANY ($3::text[]);
