SELECT FROM accounts WHERE account = ANY ($1::text[]) ORDER BY account FOR NO KEY UPDATE;
