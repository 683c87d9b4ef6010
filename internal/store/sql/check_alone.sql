-- One worker checks at a time, on one processor.
SELECT pg_try_advisory_xact_lock(hashtext('licenseledger.check')), set_config('max_parallel_workers_per_gather', '0', true);
