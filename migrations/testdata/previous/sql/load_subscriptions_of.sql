SELECT s.subscription, s.contract, s.account, s.product, s.plan, s.seats, s.cap, s.starts_on, s.term, s.term_starts_on, s.term_ends_on, s.renewal, s.renewal_seats, s.unit_price::text AS unit_price, s.state, s.no, s.next_due_at, s.changed_at
FROM (SELECT unnest($1::text[]) AS contract, unnest($2::text[]) AS account) AS key
JOIN subscriptions AS s ON s.contract = key.contract AND s.account = key.account
WHERE s.state = 'running';
