SELECT subscription, starts_at, no, unit_price::text AS unit_price FROM term_prices WHERE subscription = ANY ($1::text[]) ORDER BY starts_at, no;
