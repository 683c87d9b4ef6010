INSERT INTO invoices (contract, period, seller, n, number, type, currency, issued_on, due_on, net, vat_total, total, lines)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);
