SELECT deployment, name, account, owner, state, items, no, changed_at
FROM deployments
WHERE deployment = ANY ($1::text[]);
