INSERT INTO products (product, name, package, term_months, used, changed_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (product) DO UPDATE SET
    name = excluded.name,
    package = excluded.package,
    term_months = excluded.term_months,
    used = excluded.used,
    changed_at = excluded.changed_at;
