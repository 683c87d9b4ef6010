SELECT s.contract, m.period AS month, p.subscription, p.starts_at, p.no, p.unit_price::text AS unit_price
FROM (SELECT unnest($1::text[]) AS contract, unnest($2::date[]) AS period) AS m
JOIN subscriptions AS s ON s.contract = m.contract AND s.plan = 'annual_monthly'
JOIN term_prices AS p ON p.subscription = s.subscription
ORDER BY p.subscription, p.starts_at, p.no;
