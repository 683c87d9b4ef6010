-- $4 keys at most; their ids are never used again.
INSERT INTO source_keys (source, key_id, inner_key, outer_key)
SELECT $1::text, 'k' || count(*) + 1, $2::bytea, $3::bytea
FROM source_keys
WHERE source = $1::text
HAVING count(*) FILTER (WHERE revoked_at IS NULL) < $4::bigint
RETURNING key_id;
