SELECT subscription, contract, account, product, plan, seats, cap, starts_on, term, term_starts_on, term_ends_on, renewal,
       renewal_seats, unit_price::text AS unit_price, state, no, next_due_at, changed_at
FROM subscriptions
WHERE subscription = ANY ($1::text[]);
