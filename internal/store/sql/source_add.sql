INSERT INTO sources (source, scopes, account) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;
