-- Before this month: an invoice that is made again names the same as at first.
SELECT number, issued_on FROM invoices WHERE contract = $1 AND period < $2 ORDER BY n DESC LIMIT 1;
