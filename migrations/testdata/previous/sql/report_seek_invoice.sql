SELECT period, seller, n FROM invoices WHERE number = $1 ORDER BY seller LIMIT 1;
