SELECT s.source, s.scopes, s.account, s.added_at,
       (SELECT coalesce(json_agg(json_build_object('key', k.key_id, 'added_at', k.added_at, 'revoked_at', k.revoked_at) ORDER BY k.added_at, k.key_id), '[]')
        FROM source_keys AS k WHERE k.source = s.source),
       (SELECT coalesce(json_agg(json_build_object('key', t.token_id, 'added_at', t.added_at, 'revoked_at', t.revoked_at) ORDER BY t.added_at, t.token_id), '[]')
        FROM source_tokens AS t WHERE t.source = s.source)
FROM sources AS s
ORDER BY s.source;
