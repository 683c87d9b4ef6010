SELECT webhook, url, types, account, state, cursor_no || '-' || cursor_n AS cursor,
       (SELECT greatest(coalesce(max(no), 0), w.cursor_no) FROM outcomes) - w.cursor_no AS behind,
       delivered, delivered_at, attempts, failing_since, CASE WHEN state = 'active' AND attempts > 0 THEN next_at END AS next_at, nullif(error, '') AS error, added_at
FROM webhooks AS w
ORDER BY added_at, webhook;
