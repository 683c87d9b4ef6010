SELECT s.contract, m.period AS month, c.subscription, c.effective_at, c.effective_on, c.no, c.n, c.delta, c.seats_after, c.unit_price::text AS unit_price, c.ends_term
FROM (SELECT unnest($1::text[]) AS contract, unnest($2::date[]) AS period) AS m
JOIN subscriptions AS s ON s.contract = m.contract AND s.plan <> 'annual_yearly'
JOIN seat_changes AS c ON c.subscription = s.subscription
     AND c.effective_on >= m.period AND c.effective_on < (m.period + interval '1 month')::date
ORDER BY c.subscription, c.effective_at, c.no, c.n;
