SELECT s.source, s.scopes, s.account, s.added_at,
       coalesce(json_agg(json_build_object('key', k.key_id, 'added_at', k.added_at, 'revoked_at', k.revoked_at) ORDER BY k.added_at, k.key_id)
                FILTER (WHERE k.key_id IS NOT NULL), '[]')
FROM sources AS s
LEFT JOIN source_keys AS k USING (source)
GROUP BY s.source
ORDER BY s.source;
