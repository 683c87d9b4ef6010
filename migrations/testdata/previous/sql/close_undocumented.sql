INSERT INTO undocumented (contract, period, mail_no, mail_from, mail_to)
SELECT unnest($1::text[]), unnest($2::date[]), unnest($3::bigint[]), unnest($4::bigint[]), unnest($5::bigint[]);
