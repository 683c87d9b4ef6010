-- The id is chosen by upstream: one that is taken meanwhile must fail, not overwrite.
INSERT INTO deployments (deployment, name, account, owner, state, items, no, changed_at)
SELECT unnest($1::text[]),
       unnest($2::text[]),
       unnest($3::text[]),
       unnest($4::text[]),
       unnest($5::text[]),
       unnest($6::jsonb[]),
       unnest($7::bigint[]),
       unnest($8::timestamptz[]);
