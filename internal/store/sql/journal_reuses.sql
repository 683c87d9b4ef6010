INSERT INTO reuses (source, id, hash, kind, actor, on_behalf_of, at)
VALUES ($1, $2, $3, $4, $5, $6, ledger_now())
ON CONFLICT (source, id, hash) DO UPDATE SET at = reuses.at
RETURNING at;
