-- Of the same invoice as report_document.
SELECT contract FROM invoices WHERE number = $1 ORDER BY seller LIMIT 1;
