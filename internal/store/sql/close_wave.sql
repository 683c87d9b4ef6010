SELECT contract, period, due_at, state, detail
FROM closes
WHERE seller = $1 AND state <> 'done'
ORDER BY due_at, contract;
