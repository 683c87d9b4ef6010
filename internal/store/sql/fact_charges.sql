SELECT no, n, contract, period, account, product, kind, quantity, unit_price::text AS unit_price, amount, currency,
       effective_on, from_on, to_on, days, days_in_period, adjusts, purchase_order, note
FROM charges
WHERE contract = $1 AND period = $2
ORDER BY no, n;
