INSERT INTO documents (contract, period, format, sha256, content)
SELECT unnest($1::text[]), unnest($2::date[]), unnest($3::text[]), unnest($4::bytea[]), unnest($5::bytea[])
ON CONFLICT (contract, period, format) DO NOTHING;
