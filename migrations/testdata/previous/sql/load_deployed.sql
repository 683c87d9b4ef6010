-- The active deployments that hold each license, in a fixed order.
SELECT l.license, d.deployment, d.name, d.account, d.owner, d.state, d.items, d.no, d.changed_at
FROM unnest($1::text[]) AS l (license)
JOIN deployments AS d ON d.state = 'active' AND d.items @> jsonb_build_array(jsonb_build_object('license', l.license))
ORDER BY d.no, d.deployment;
