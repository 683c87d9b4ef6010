INSERT INTO invoices (contract, period, seller, n, number, type, currency, issued_on, due_on, net, vat_total, total, lines, content)
SELECT unnest($1::text[]), unnest($2::date[]), unnest($3::text[]), unnest($4::bigint[]), unnest($5::text[]), unnest($6::bigint[]),
       unnest($7::text[]), unnest($8::date[]), unnest($9::date[]), unnest($10::numeric[]), unnest($11::numeric[]), unnest($12::numeric[]),
       unnest($13::bigint[]), unnest($14::bytea[]);
