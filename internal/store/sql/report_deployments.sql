SELECT deployment, nullif(name, ''), account, owner, items, state
FROM (
    SELECT deployment, name, account, owner, items, state, no FROM deployments WHERE owner = $1
    UNION ALL
    SELECT deployment, name, account, owner, items, state, no FROM deployments WHERE account = $1 AND owner <> $1
) AS d
WHERE (no, deployment) > ($2, $3::text)
ORDER BY no, deployment
LIMIT $4::bigint
