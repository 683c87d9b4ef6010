INSERT INTO term_prices (subscription, starts_at, no, unit_price)
SELECT unnest($1::text[]), unnest($2::timestamptz[]), unnest($3::bigint[]), unnest($4::text[])::numeric;
