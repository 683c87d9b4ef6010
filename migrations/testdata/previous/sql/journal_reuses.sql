INSERT INTO reuses (source, id, hash, kind, actor, on_behalf_of, at, account)
VALUES ($1, $2, $3, $4, $5::text, $6, ledger_now(), coalesce((SELECT account FROM users WHERE user_id = $5::text), ''))
ON CONFLICT (source, id, hash) DO UPDATE SET at = reuses.at
RETURNING at;
