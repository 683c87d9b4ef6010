-- What needs attention, what runs, and what is next: each as much as is shown, by its index.
SELECT name, contract, period, due_at, state, detail, last_run_at
FROM (
    (SELECT 'month.close' AS name, c.contract::text, to_char(c.period, 'YYYY-MM') AS period, c.due_at,
            CASE WHEN c.state = 'sealed' THEN 'running' ELSE c.state END AS state, nullif(c.detail, '') AS detail, coalesce(c.closed_at, c.tried_at) AS last_run_at
     FROM closes AS c
     WHERE c.state <> 'done'
     ORDER BY c.seller, c.due_at, c.contract
     LIMIT $1::bigint)
    UNION ALL
    (SELECT 'documents', u.contract, to_char(u.period, 'YYYY-MM'), u.next_at, CASE u.error WHEN '' THEN 'running' ELSE 'needs_attention' END, nullif(u.error, ''), NULL
     FROM undocumented AS u
     ORDER BY u.next_at
     LIMIT $1::bigint)
    UNION ALL
    (SELECT name, NULL, NULL, due_at, 'needs_attention', id || ': ' || error, failed_at
     FROM due_failures
     ORDER BY source_table, id, due_at
     LIMIT $1::bigint)
    UNION ALL
    (SELECT 'month.close', b.contract, to_char((b.next_close_at - interval '1 second') AT TIME ZONE c.time_zone, 'YYYY-MM'), b.next_close_at, 'due', NULL, NULL
     FROM (SELECT * FROM billing ORDER BY next_close_at, contract LIMIT $1::bigint) AS b
     JOIN contracts AS c USING (contract))
    UNION ALL
    (SELECT 'stock.expire', NULL, NULL, next_due_at, 'due', 'lots: reminders and expiry', NULL FROM lots WHERE next_due_at IS NOT NULL ORDER BY next_due_at LIMIT 1)
    UNION ALL
    (SELECT 'license.expire', NULL, NULL, next_due_at, 'due', 'licenses: reminders and expiry', NULL FROM licenses WHERE next_due_at IS NOT NULL ORDER BY next_due_at LIMIT 1)
    UNION ALL
    (SELECT 'subscription.renew', NULL, NULL, next_due_at, 'due', 'subscriptions: reminders, renewals and endings', NULL FROM subscriptions WHERE next_due_at IS NOT NULL ORDER BY next_due_at LIMIT 1)
) AS entry
ORDER BY array_position(ARRAY['needs_attention', 'running', 'due'], state), due_at, name, coalesce(contract, '') COLLATE "C"
LIMIT $1::bigint
