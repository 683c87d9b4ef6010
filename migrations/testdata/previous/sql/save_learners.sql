INSERT INTO learners (account, learner, name, status, last_login_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (account, learner) DO UPDATE SET
    name = excluded.name,
    status = excluded.status,
    last_login_at = excluded.last_login_at,
    changed_at = excluded.changed_at;
