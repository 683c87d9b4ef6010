UPDATE source_keys
SET revoked_at = clock_timestamp(), inner_key = NULL, outer_key = NULL
WHERE source = $1 AND key_id = $2 AND revoked_at IS NULL;
