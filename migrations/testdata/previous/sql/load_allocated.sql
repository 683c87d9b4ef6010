SELECT allocation, account, product, learner, license, ended_on, no, changed_at
FROM allocations
WHERE license = ANY ($1::text[]) AND ended_on IS NULL;
