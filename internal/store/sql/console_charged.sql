SELECT contract, account, product, kind, quantity, unit_price, amount, currency, effective_on FROM charges WHERE no = $1 ORDER BY n LIMIT $2::bigint
