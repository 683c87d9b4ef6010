INSERT INTO commands (source, id, kind, actor, on_behalf_of, preview, body, hash, accepted_at)
SELECT $1, unnest($2::text[]), unnest($3::text[]), '', '', '', unnest($4::text[])::json, '', unnest($5::timestamptz[])
ON CONFLICT (source, id) DO NOTHING
RETURNING seq, id;
