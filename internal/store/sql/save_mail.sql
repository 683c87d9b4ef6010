INSERT INTO mail (no, n, event, account, recipient, name, locale, params, key, created_at)
SELECT unnest($1::bigint[]),
       unnest($2::bigint[]),
       unnest($3::text[]),
       unnest($4::text[]),
       unnest($5::text[]),
       unnest($6::text[]),
       unnest($7::text[]),
       unnest($8::json[]),
       unnest($9::uuid[]),
       unnest($10::timestamptz[]);
