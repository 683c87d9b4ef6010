-- What is revoked is forgotten.
WITH keys AS (
    UPDATE source_keys
    SET revoked_at = clock_timestamp(), inner_key = NULL, outer_key = NULL
    WHERE source = $1 AND key_id = $2 AND revoked_at IS NULL
    RETURNING 1
), tokens AS (
    UPDATE source_tokens
    SET revoked_at = clock_timestamp(), hash = NULL
    WHERE source = $1 AND token_id = $2 AND revoked_at IS NULL
    RETURNING 1
)
SELECT (SELECT count(*) FROM keys) + (SELECT count(*) FROM tokens);
