-- Transactions that may hold numbers which cannot be seen yet: those that have
-- passed the gate, and those that close months.
SELECT coalesce(array_agg(DISTINCT virtualtransaction), '{}')
FROM pg_locks
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (classid::bigint << 32 | objid::bigint) IN (hashtext('licenseledger gate')::bigint, hashtext('licenseledger numbers')::bigint);
