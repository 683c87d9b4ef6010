SELECT account, source, live, linked_at FROM links WHERE account = ANY ($1::text[])
UNION
SELECT account, source, live, linked_at FROM links WHERE source = ANY ($1::text[]);
