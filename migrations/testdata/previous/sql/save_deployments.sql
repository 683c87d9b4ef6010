INSERT INTO deployments (deployment, name, account, owner, state, items, no, changed_at)
SELECT unnest($1::text[]),
       unnest($2::text[]),
       unnest($3::text[]),
       unnest($4::text[]),
       unnest($5::text[]),
       unnest($6::jsonb[]),
       unnest($7::bigint[]),
       unnest($8::timestamptz[])
ON CONFLICT (deployment) DO UPDATE SET
    state = excluded.state,
    items = excluded.items,
    changed_at = excluded.changed_at
WHERE deployments.no = excluded.no; -- another number: a rival has taken the id
