INSERT INTO invoiced_charges (no, n, contract, period)
SELECT c.no, c.n, c.contract, c.period
FROM (SELECT unnest($1::text[]) AS contract, unnest($2::date[]) AS period) AS m
JOIN charges AS c ON c.contract = m.contract AND c.period = m.period;
