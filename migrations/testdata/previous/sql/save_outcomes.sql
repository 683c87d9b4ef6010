INSERT INTO outcomes (seq, no, status, reason, detail, summary, at, result)
SELECT unnest($1::bigint[]),
       unnest($2::bigint[]),
       unnest($3::text[]),
       unnest($4::text[]),
       unnest($5::text[]),
       unnest($6::text[]),
       unnest($7::timestamptz[]),
       unnest($8::json[]);
