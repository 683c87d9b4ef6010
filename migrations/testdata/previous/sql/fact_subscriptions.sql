-- Those that may have had seats in their month: what ended before it does not
-- change any more. A year that was paid in full has charges instead.
SELECT m.period AS month, s.subscription, s.contract, s.account, s.product, s.plan, s.seats
FROM (SELECT unnest($1::text[]) AS contract, unnest($2::date[]) AS period) AS m
JOIN subscriptions AS s ON s.contract = m.contract AND s.plan <> 'annual_yearly'
     AND (s.state = 'running' OR s.changed_at >= m.period - interval '1 day')
ORDER BY s.subscription;
