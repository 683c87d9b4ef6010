INSERT INTO links (account, source, live, linked_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (account, source) DO UPDATE SET
    live = excluded.live,
    linked_at = excluded.linked_at;
