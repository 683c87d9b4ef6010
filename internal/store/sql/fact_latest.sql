SELECT number FROM invoices WHERE contract = $1 ORDER BY period DESC LIMIT 1;
