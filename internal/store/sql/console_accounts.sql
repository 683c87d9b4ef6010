-- Directly below an account; below none are the resellers at the top.
SELECT account, kind, nullif(parent, ''), name, nullif(package, ''), trial, status
FROM accounts
WHERE parent = $1 AND account > $2
ORDER BY parent, account
LIMIT $3::bigint
