SELECT parent FROM accounts WHERE account = $1;
