INSERT INTO history (account, no, seq)
SELECT unnest($1::text[]),
       unnest($2::bigint[]),
       unnest($3::bigint[]);
