INSERT INTO contract_prices (contract, at, no, products)
SELECT unnest($1::text[]), unnest($2::timestamptz[]), unnest($3::bigint[]), unnest($4::text[])::jsonb;
