WITH lot AS (
    UPDATE lots SET next_due_at = NULL WHERE $1::text = 'lot' AND lot = $2::text
), license AS (
    UPDATE licenses SET next_due_at = NULL WHERE $1::text = 'license' AND license = $2::text
), subscription AS (
    UPDATE subscriptions SET next_due_at = NULL WHERE $1::text = 'subscription' AND subscription = $2::text
)
INSERT INTO due_failures (source_table, id, name, due_at, error)
VALUES ($1::text, $2::text, $3, $4, $5)
ON CONFLICT (source_table, id, due_at) DO UPDATE SET error = excluded.error, failed_at = clock_timestamp();
