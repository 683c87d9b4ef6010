SELECT subscription, account, contract, product, plan, seats, cap, term_starts_on, term_ends_on, nullif(renewal, ''),
       renewal_seats, state
FROM subscriptions
WHERE account = $1 AND (no, subscription) > ($2, $3::text)
ORDER BY no, subscription
LIMIT $4::bigint
