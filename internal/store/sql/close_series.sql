-- One at a time gives a seller's numbers.
WITH series AS (
    INSERT INTO number_series (seller, last) VALUES ($1, 0)
    ON CONFLICT (seller) DO UPDATE SET last = number_series.last
    RETURNING last
)
SELECT last, ledger_now(), nextval('ledger_no') FROM series;
