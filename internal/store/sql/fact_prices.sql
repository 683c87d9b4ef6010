SELECT contract, at, no, products FROM contract_prices WHERE contract = $1 AND at < $2 ORDER BY at, no;
