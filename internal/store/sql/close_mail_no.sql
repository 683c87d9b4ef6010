-- The lock, which nobody waits for, tells readers of events that a number has
-- been taken which they cannot see yet. It comes first.
WITH taking AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(hashtext('licenseledger numbers')))
SELECT nextval('ledger_no') FROM taking;
