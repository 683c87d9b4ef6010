WITH RECURSIVE path AS (
    SELECT u.user_id, a.account, a.parent
    FROM users AS u JOIN accounts AS a USING (account)
    WHERE u.user_id = ANY ($1::text[])
    UNION ALL
    SELECT p.user_id, a.account, a.parent FROM path AS p JOIN accounts AS a ON a.account = p.parent
)
SELECT user_id, account FROM path WHERE parent = '';
