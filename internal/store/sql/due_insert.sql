-- What is there is left out first. ON CONFLICT would take a lock and write WAL once
-- more for each row: half of what the statement costs. Where another worker does
-- the same at this moment the key is taken, and the batch is tried again.
INSERT INTO commands (source, id, kind, actor, on_behalf_of, preview, body, hash, accepted_at)
SELECT $1::text, due.id, due.kind, '', '', '', due.body::json, '', due.accepted_at
FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[]) AS due (id, kind, body, accepted_at)
WHERE (SELECT c.seq FROM commands AS c WHERE c.source = $1::text AND c.id = due.id) IS NULL
RETURNING seq, id;
