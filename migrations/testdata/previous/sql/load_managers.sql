SELECT user_id, account, name, roles, locale, changed_at
FROM users
WHERE 'manager' = ANY (roles) AND account = ANY ($1::text[])
ORDER BY account, user_id;
