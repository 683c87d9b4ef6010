INSERT INTO accounts (account, kind, parent, name, address, vat_number, package, trial, status, locale, purchase_link, used, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (account) DO UPDATE SET
    kind = excluded.kind,
    parent = excluded.parent,
    name = excluded.name,
    address = excluded.address,
    vat_number = excluded.vat_number,
    package = excluded.package,
    trial = excluded.trial,
    status = excluded.status,
    locale = excluded.locale,
    purchase_link = excluded.purchase_link,
    used = excluded.used,
    changed_at = excluded.changed_at;
