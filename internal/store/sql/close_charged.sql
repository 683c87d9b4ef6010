INSERT INTO invoiced_charges (no, n, contract, period)
SELECT no, n, contract, period FROM charges WHERE contract = $1 AND period = $2;
