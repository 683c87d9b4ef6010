-- Subscriptions under contracts that were due by an instant, at which the contracts change.
SELECT 'subscription' AS source_table, s.subscription AS id, s.account, s.contract, s.product, '' AS subscription, 0 AS quantity, '' AS second, s.next_due_at, s.term_ends_on AS ends_on, c.time_zone
FROM subscriptions AS s JOIN contracts AS c USING (contract)
WHERE s.contract = ANY ($1::text[]) AND s.next_due_at <= $2
ORDER BY s.next_due_at, s.account, s.subscription
LIMIT 500;
