-- Sequence numbers follow the order given; rows are inserted in key order,
-- because two clients that insert the same keys in different order deadlock.
WITH given AS MATERIALIZED (
    SELECT nextval('commands_seq') AS seq, i.*
    FROM (SELECT unnest($1::text[]) AS source, unnest($2::text[]) AS id, unnest($3::text[]) AS kind,
                 unnest($4::text[]) AS actor, unnest($5::text[]) AS on_behalf_of, unnest($6::text[]) AS preview,
                 unnest($7::bytea[]) AS body, unnest($8::bytea[]) AS hash) AS i
), fresh AS (
    INSERT INTO commands (seq, source, id, kind, actor, on_behalf_of, preview, body, hash, accepted_at)
    SELECT seq, source, id, kind, actor, on_behalf_of, preview, convert_from(body, 'UTF8')::json, hash, (SELECT ledger_now())
    FROM given
    ORDER BY source COLLATE "C", id COLLATE "C", seq
    ON CONFLICT (source, id) DO NOTHING
    RETURNING seq
)
INSERT INTO pending (seq, after)
SELECT seq, CASE WHEN $9::boolean THEN lag(seq, 1, 0::bigint) OVER (ORDER BY seq) ELSE 0 END
FROM fresh
RETURNING seq;
