SELECT product, name, package, term_months, used, changed_at FROM products WHERE product = ANY ($1::text[]);
