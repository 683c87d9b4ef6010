SELECT contract, at, no, products FROM contract_prices WHERE contract = ANY ($1::text[]) ORDER BY contract, at, no;
