SELECT lot, account, product, contract, quantity, remaining, purchased_on, expires_on, expired, no, next_due_at, changed_at
FROM lots
WHERE lot = ANY ($1::text[]);
