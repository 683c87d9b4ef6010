-- Before the month: an invoice that is made again names the same as at first.
SELECT m.contract, m.period, i.number, i.issued_on
FROM (SELECT unnest($1::text[]) AS contract, unnest($2::date[]) AS period) AS m
CROSS JOIN LATERAL (
    SELECT number, issued_on FROM invoices WHERE contract = m.contract AND period < m.period ORDER BY n DESC LIMIT 1
) AS i;
