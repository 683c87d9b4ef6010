SELECT account AS id, name FROM accounts WHERE account = ANY ($1::text[]);
