-- Those of a page that nobody has closed meanwhile.
SELECT contract, period, state, detail
FROM closes
WHERE (contract, period) IN (SELECT unnest($1::text[]), unnest($2::date[])) AND state <> 'done'
ORDER BY due_at, contract;
