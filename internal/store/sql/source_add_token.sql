-- $3 tokens at most; their ids are never used again.
INSERT INTO source_tokens (source, token_id, hash)
SELECT $1::text, 't' || count(*) + 1, $2::bytea
FROM source_tokens
WHERE source = $1::text
HAVING count(*) FILTER (WHERE revoked_at IS NULL) < $3::bigint
RETURNING token_id;
