INSERT INTO sellers (seller, name, address, vat_number, currency, email, finance_email, invoice_prefix, iban, bic, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (seller) DO UPDATE SET
    name = excluded.name,
    address = excluded.address,
    vat_number = excluded.vat_number,
    currency = excluded.currency,
    email = excluded.email,
    finance_email = excluded.finance_email,
    invoice_prefix = excluded.invoice_prefix,
    iban = excluded.iban,
    bic = excluded.bic,
    changed_at = excluded.changed_at;
