SELECT user_id, account, name, roles, locale, changed_at FROM users WHERE user_id = ANY ($1::text[]);
