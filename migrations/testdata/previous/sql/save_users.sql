INSERT INTO users (user_id, account, name, roles, locale, changed_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (user_id) DO UPDATE SET
    account = excluded.account,
    name = excluded.name,
    roles = excluded.roles,
    locale = excluded.locale,
    changed_at = excluded.changed_at;
