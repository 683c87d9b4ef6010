-- How long the oldest of what is due has been due, and what waits for the operator.
WITH due AS (
    SELECT 'stock.expire' AS name, min(next_due_at) AS at FROM lots WHERE next_due_at IS NOT NULL
    UNION ALL
    SELECT 'license.expire', min(next_due_at) FROM licenses WHERE next_due_at IS NOT NULL
    UNION ALL
    SELECT 'subscription.renew', min(next_due_at) FROM subscriptions WHERE next_due_at IS NOT NULL
    UNION ALL
    SELECT 'month.close', least((SELECT min(next_close_at) FROM billing), (SELECT min(due_at) FROM closes WHERE state = 'sealed'))
), attention AS (
    SELECT name, count(*) AS rows FROM due_failures GROUP BY name
    UNION ALL
    SELECT 'month.close', count(*) FROM closes WHERE state = 'needs_attention'
)
SELECT name, greatest(coalesce(extract(epoch FROM ledger_now() - due.at), 0), 0)::float8, coalesce(attention.rows, 0)
FROM due FULL JOIN attention USING (name);
