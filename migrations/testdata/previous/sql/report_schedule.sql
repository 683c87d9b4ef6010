-- Closed months, those that close next, what waits for the operator, and of
-- everything else the next instant.
SELECT name, contract, period, due_at, state, detail, last_run_at
FROM (
    SELECT 'month.close' AS name, contract::text, to_char(period, 'YYYY-MM') AS period, due_at,
           CASE WHEN u.error <> '' THEN 'needs_attention' WHEN state = 'sealed' OR u.error = '' THEN 'running' ELSE state END AS state,
           nullif(detail, '') || coalesce(': ' || nullif(u.error, ''), '') AS detail, coalesce(closed_at, tried_at) AS last_run_at
    FROM closes LEFT JOIN undocumented AS u USING (contract, period)
    UNION ALL
    SELECT 'month.close', b.contract, to_char((b.next_close_at - interval '1 second') AT TIME ZONE c.time_zone, 'YYYY-MM'),
           b.next_close_at, 'due', NULL, NULL
    FROM billing AS b JOIN contracts AS c USING (contract)
    UNION ALL
    SELECT name, NULL, NULL, due_at, 'needs_attention', id || ': ' || error, failed_at FROM due_failures
    UNION ALL
    SELECT 'stock.expire', NULL, NULL, min(next_due_at), 'due', 'lots: reminders and expiry', NULL FROM lots WHERE next_due_at IS NOT NULL HAVING count(*) > 0
    UNION ALL
    SELECT 'license.expire', NULL, NULL, min(next_due_at), 'due', 'licenses: reminders and expiry', NULL FROM licenses WHERE next_due_at IS NOT NULL HAVING count(*) > 0
    UNION ALL
    SELECT 'subscription.renew', NULL, NULL, min(next_due_at), 'due', 'subscriptions: reminders, renewals and endings', NULL
    FROM subscriptions WHERE next_due_at IS NOT NULL HAVING count(*) > 0
) AS entry
WHERE (due_at, name, coalesce(contract, '') COLLATE "C") > ($1::timestamptz, $2::text, $3::text)
ORDER BY due_at, name, coalesce(contract, '') COLLATE "C"
LIMIT $4::bigint
