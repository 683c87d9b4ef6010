SELECT product AS id, name FROM products WHERE product = ANY ($1::text[]);
