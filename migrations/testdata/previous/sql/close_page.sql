-- In the order in which numbers are given.
SELECT contract, period, due_at
FROM closes_to_try
WHERE seller = $1 AND (due_at, contract) > ($2, $3)
ORDER BY due_at, contract
LIMIT $4;
