SELECT user_id, account, name, roles FROM users WHERE account = $1 AND user_id > $2 ORDER BY user_id LIMIT $3::bigint
