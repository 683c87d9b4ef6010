UPDATE closes AS c
SET state = m.state, detail = m.detail, country = m.country, rate_on = m.rate_on, closed_at = m.closed_at, tried_at = clock_timestamp()
FROM (SELECT unnest($1::text[]) AS contract, unnest($2::date[]) AS period, unnest($3::text[]) AS state, unnest($4::text[]) AS detail,
             unnest($5::text[]) AS country, unnest($6::date[]) AS rate_on, unnest($7::timestamptz[]) AS closed_at) AS m
WHERE c.contract = m.contract AND c.period = m.period;
