SELECT source, scopes, account FROM sources WHERE source = ANY ($1::text[]);
