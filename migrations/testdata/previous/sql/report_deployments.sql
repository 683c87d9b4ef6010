SELECT deployment, nullif(name, ''), account, owner, items, state
FROM (
    (SELECT deployment, name, account, owner, items, state, no
     FROM deployments
     WHERE owner = $1 AND (no, deployment) > ($2, $3::text)
     ORDER BY no, deployment
     LIMIT $4::bigint)
    UNION ALL
    (SELECT deployment, name, account, owner, items, state, no
     FROM deployments
     WHERE account = $1 AND owner <> $1 AND (no, deployment) > ($2, $3::text)
     ORDER BY no, deployment
     LIMIT $4::bigint)
) AS d
ORDER BY no, deployment
LIMIT $4::bigint
