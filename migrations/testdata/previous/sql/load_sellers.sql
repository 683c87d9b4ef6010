SELECT seller, name, address, vat_number, currency, email, finance_email, invoice_prefix, iban, bic, changed_at
FROM sellers
WHERE seller = ANY ($1::text[]);
