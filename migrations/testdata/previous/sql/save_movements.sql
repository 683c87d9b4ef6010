INSERT INTO movements (no, n, product, quantity, from_holding, to_holding, at)
SELECT unnest($1::bigint[]),
       unnest($2::bigint[]),
       unnest($3::text[]),
       unnest($4::bigint[]),
       unnest($5::text[]),
       unnest($6::text[]),
       unnest($7::timestamptz[]);
