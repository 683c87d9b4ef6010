SELECT number FROM invoices WHERE contract = $1 ORDER BY n DESC LIMIT 1;
