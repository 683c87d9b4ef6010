SELECT c.no, c.n, c.contract, c.period, c.account, c.product, c.kind, c.quantity, c.unit_price::text AS unit_price, c.amount, c.currency,
       c.effective_on, c.from_on, c.to_on, c.days, c.days_in_period, c.adjusts, c.purchase_order, c.note
FROM (SELECT unnest($1::text[]) AS contract, unnest($2::date[]) AS period) AS m
JOIN charges AS c ON c.contract = m.contract AND c.period = m.period
ORDER BY c.no, c.n;
