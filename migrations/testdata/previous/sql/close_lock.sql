-- One at a time gives a seller's numbers.
SELECT last, ledger_now() FROM number_series WHERE seller = $1 FOR UPDATE;
