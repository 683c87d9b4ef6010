SELECT license, account, product, contract, quantity, deployed, allocated, starts_on, expires_on, expired, no, changed_at
FROM licenses
WHERE license = ANY ($1::text[]);
