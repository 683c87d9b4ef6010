SELECT account, kind, nullif(parent, ''), name, nullif(package, ''), trial, status FROM accounts WHERE account = $1
