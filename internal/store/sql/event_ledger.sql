SELECT id::text FROM ledger;
