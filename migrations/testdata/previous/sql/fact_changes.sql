-- In the month, and since: seats as it began are those of now without what changed.
SELECT s.contract, m.period AS month, c.subscription, c.effective_at, c.effective_on, c.delta, c.ends_term
FROM (SELECT unnest($1::text[]) AS contract, unnest($2::date[]) AS period) AS m
JOIN subscriptions AS s ON s.contract = m.contract AND s.plan <> 'annual_yearly'
     AND (s.state = 'running' OR s.changed_at >= m.period - interval '1 day')
JOIN seat_changes AS c ON c.subscription = s.subscription AND c.effective_on >= m.period
ORDER BY c.subscription, c.effective_at, c.no, c.n;
