SELECT license, account, product, contract, quantity, deployed, allocated, starts_on, expires_on, expired, no, next_due_at, changed_at
FROM licenses
WHERE license = ANY ($1::text[]);
