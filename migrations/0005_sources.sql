-- +goose Up

------------------------------------------------------------------------
-- Sources: upstreams with keys and limits. A source that was never added has neither.

-- scopes: empty for no limit. account: '' for no limit, else the root of a subtree.
CREATE TABLE sources (
    source   ident PRIMARY KEY,
    scopes   text[] NOT NULL,
    account  ident NOT NULL,
    added_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A key as HMAC needs it: xored with the two pads, 64 bytes each. Whoever reads
-- them can sign, so nobody does but signature_valid. A revoked key is forgotten.
CREATE TABLE source_keys (
    source     ident NOT NULL REFERENCES sources,
    key_id     ident NOT NULL,
    inner_key  bytea CHECK (octet_length(inner_key) = 64),
    outer_key  bytea CHECK (octet_length(outer_key) = 64),
    added_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at timestamptz,
    PRIMARY KEY (source, key_id),
    CHECK ((revoked_at IS NULL) = (inner_key IS NOT NULL) AND (revoked_at IS NULL) = (outer_key IS NOT NULL))
);

-- The key whose signature was found good when the command came; '' for none.
ALTER TABLE commands ADD key_id ident NOT NULL DEFAULT '';

-- HMAC-SHA256. Digests are compared, so that the time it takes tells nothing.
-- +goose StatementBegin
CREATE FUNCTION signature_valid(source text, key_id text, message bytea, signature bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER AS
$$ SELECT EXISTS (
    SELECT FROM source_keys AS k
    WHERE k.source = $1 AND k.key_id = $2 AND k.revoked_at IS NULL
      AND sha256(sha256(k.outer_key || sha256(k.inner_key || $3))) = sha256($4)
) $$;
-- +goose StatementEnd

-- What is signed of a command: its fields, each behind its length in four bytes.
-- +goose StatementBegin
CREATE FUNCTION command_message(source text, key_id text, id text, kind text, actor text, on_behalf_of text, preview text, body bytea, hash bytea)
RETURNS bytea LANGUAGE sql STABLE AS
$$ SELECT string_agg(int4send(octet_length(f)) || f, ''::bytea ORDER BY n)
   FROM unnest(ARRAY['licenseledger command 1'::bytea, convert_to($1, 'UTF8'), convert_to($2, 'UTF8'), convert_to($3, 'UTF8'), convert_to($4, 'UTF8'),
                     convert_to($5, 'UTF8'), convert_to($6, 'UTF8'), convert_to($7, 'UTF8'), $8, $9]) WITH ORDINALITY AS x (f, n) $$;
-- +goose StatementEnd

-- Which commands, counted from 1, name a source with keys and are not signed by it.
-- +goose StatementBegin
CREATE FUNCTION unsigned_commands(sources text[], ids text[], kinds text[], actors text[], on_behalf_of text[], previews text[],
                                  bodies bytea[], hashes bytea[], key_ids text[], signatures bytea[])
RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER AS
$$ SELECT n
   FROM (SELECT unnest($1) AS source, unnest($2) AS id, unnest($3) AS kind, unnest($4) AS actor, unnest($5) AS on_behalf_of, unnest($6) AS preview,
                unnest($7) AS body, unnest($8) AS hash, unnest($9) AS key_id, unnest($10) AS signature,
                generate_series(1, cardinality($1))::bigint AS n) AS g
   WHERE EXISTS (SELECT FROM sources AS s WHERE s.source = g.source)
     AND NOT signature_valid(g.source, g.key_id,
                             command_message(g.source, g.key_id, g.id, g.kind, g.actor, g.on_behalf_of, g.preview, g.body, g.hash), g.signature) $$;
-- +goose StatementEnd

-- Into the journal. Sequence numbers follow the order given; rows are inserted in
-- key order, because two clients that insert the same keys in different order deadlock.
-- +goose StatementBegin
CREATE FUNCTION journal_commands(sources text[], ids text[], kinds text[], actors text[], on_behalf_of text[], previews text[],
                                 bodies bytea[], hashes bytea[], key_ids text[], serial boolean)
RETURNS SETOF bigint LANGUAGE plpgsql AS
$$ BEGIN
    RETURN QUERY
    WITH given AS MATERIALIZED (
        SELECT nextval('commands_seq') AS seq, i.*
        FROM (SELECT unnest($1) AS source, unnest($2) AS id, unnest($3) AS kind, unnest($4) AS actor, unnest($5) AS on_behalf_of,
                     unnest($6) AS preview, unnest($7) AS body, unnest($8) AS hash, unnest($9) AS key_id) AS i
    ), fresh AS (
        INSERT INTO commands AS c (seq, source, id, kind, actor, on_behalf_of, preview, body, hash, key_id, accepted_at)
        SELECT g.seq, g.source, g.id, g.kind, g.actor, g.on_behalf_of, g.preview, convert_from(g.body, 'UTF8')::json, g.hash, g.key_id,
               (SELECT ledger_now())
        FROM given AS g
        ORDER BY g.source COLLATE "C", g.id COLLATE "C", g.seq
        ON CONFLICT (source, id) DO NOTHING
        RETURNING c.seq
    )
    INSERT INTO pending AS p (seq, after)
    SELECT f.seq, CASE WHEN $10 THEN lag(f.seq, 1, 0::bigint) OVER (ORDER BY f.seq) ELSE 0 END
    FROM fresh AS f
    RETURNING p.seq;
END $$;
-- +goose StatementEnd

-- The way into the journal for clients: what should be signed and is not stays out.
-- +goose StatementBegin
CREATE FUNCTION accept_commands(sources text[], ids text[], kinds text[], actors text[], on_behalf_of text[], previews text[],
                                bodies bytea[], hashes bytea[], key_ids text[], signatures bytea[], serial boolean)
RETURNS SETOF bigint LANGUAGE plpgsql SECURITY DEFINER AS
$$ DECLARE
    refused bigint[];
    keyed   boolean := EXISTS (SELECT FROM sources AS s WHERE s.source = ANY ($1));
BEGIN
    IF NOT keyed THEN
        -- The statement of journal_commands once more: calling it costs a third
        -- of the time. A key that nobody has looked at is none.
        RETURN QUERY
        WITH given AS MATERIALIZED (
            SELECT nextval('commands_seq') AS seq, i.*
            FROM (SELECT unnest($1) AS source, unnest($2) AS id, unnest($3) AS kind, unnest($4) AS actor, unnest($5) AS on_behalf_of,
                         unnest($6) AS preview, unnest($7) AS body, unnest($8) AS hash) AS i
        ), fresh AS (
            INSERT INTO commands AS c (seq, source, id, kind, actor, on_behalf_of, preview, body, hash, accepted_at)
            SELECT g.seq, g.source, g.id, g.kind, g.actor, g.on_behalf_of, g.preview, convert_from(g.body, 'UTF8')::json, g.hash,
                   (SELECT ledger_now())
            FROM given AS g
            ORDER BY g.source COLLATE "C", g.id COLLATE "C", g.seq
            ON CONFLICT (source, id) DO NOTHING
            RETURNING c.seq
        )
        INSERT INTO pending AS p (seq, after)
        SELECT f.seq, CASE WHEN $11 THEN lag(f.seq, 1, 0::bigint) OVER (ORDER BY f.seq) ELSE 0 END
        FROM fresh AS f
        RETURNING p.seq;
        RETURN;
    END IF;
    refused := ARRAY(SELECT * FROM unsigned_commands($1, $2, $3, $4, $5, $6, $7, $8, $9, $10));
    RETURN QUERY
    SELECT j.*
    FROM (SELECT array_agg(g.source ORDER BY g.n) AS source, array_agg(g.id ORDER BY g.n) AS id, array_agg(g.kind ORDER BY g.n) AS kind,
                 array_agg(g.actor ORDER BY g.n) AS actor, array_agg(g.on_behalf_of ORDER BY g.n) AS on_behalf_of,
                 array_agg(g.preview ORDER BY g.n) AS preview, array_agg(g.body ORDER BY g.n) AS body, array_agg(g.hash ORDER BY g.n) AS hash,
                 array_agg(CASE WHEN EXISTS (SELECT FROM sources AS s WHERE s.source = g.source) THEN g.key_id ELSE '' END ORDER BY g.n) AS key_id
          FROM (SELECT unnest($1) AS source, unnest($2) AS id, unnest($3) AS kind, unnest($4) AS actor, unnest($5) AS on_behalf_of,
                       unnest($6) AS preview, unnest($7) AS body, unnest($8) AS hash, unnest($9) AS key_id,
                       generate_series(1, cardinality($1))::bigint AS n) AS g
          WHERE g.n <> ALL (refused)
          HAVING count(*) > 0) AS a,
         journal_commands(a.source, a.id, a.kind, a.actor, a.on_behalf_of, a.preview, a.body, a.hash, a.key_id, $11) AS j;
END $$;
-- +goose StatementEnd

------------------------------------------------------------------------
-- What was refused at the door, before it could use up an id: other content under
-- a used id, commands without a good signature, what cannot be read.

ALTER TABLE reuses RENAME TO refusals;
ALTER TABLE refusals RENAME CONSTRAINT reuses_pkey TO refusals_pkey;
ALTER INDEX reuses_by_account RENAME TO refusals_by_account;
ALTER TABLE refusals
    ADD reason text NOT NULL DEFAULT 'id_reused',
    ADD detail text NOT NULL DEFAULT 'the id was used before for other content';

-- For workers of the version before, which may run on for a while and know the
-- table by its old name, without the new columns. A later migration drops it,
-- with the defaults.
CREATE VIEW reuses AS SELECT source, id, hash, kind, actor, on_behalf_of, at, account, no FROM refusals;

-- The same refused for the same reason is one refusal. It returns when that was first.
-- +goose StatementBegin
CREATE FUNCTION record_refusal(source text, id text, hash bytea, kind text, actor text, on_behalf_of text, reason text, detail text)
RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER AS
$$ DECLARE
    content bytea := CASE $7 WHEN 'id_reused' THEN $3 ELSE sha256(convert_to($7, 'UTF8') || $3) END;
BEGIN
    INSERT INTO refusals AS r (source, id, hash, kind, actor, on_behalf_of, at, account, reason, detail)
    VALUES ($1, $2, content, $4, $5, $6, ledger_now(), coalesce((SELECT u.account FROM users AS u WHERE u.user_id = $5), ''), $7, $8)
    ON CONFLICT DO NOTHING;
    RETURN (SELECT r.at FROM refusals AS r WHERE r.source = $1 AND r.id = $2 AND r.hash = content);
END $$;
-- +goose StatementEnd

-- Row by row, because the version before writes ON CONFLICT DO UPDATE SET at = at.
CREATE TRIGGER append_only BEFORE UPDATE ON refusals
    FOR EACH ROW WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_whole BEFORE DELETE OR TRUNCATE ON refusals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

------------------------------------------------------------------------
-- Restores from a backup. What was sent after the instant of the backup is not
-- known any more, so mail is held until an operator releases it. Numbers go on
-- far behind those that may have been given meanwhile.

CREATE TABLE restores (
    restored_at timestamptz PRIMARY KEY DEFAULT clock_timestamp(),
    first_seq   bigint NOT NULL,
    first_no    bigint NOT NULL,
    released_at timestamptz
);

------------------------------------------------------------------------
-- Roles: groups without login, for the users that programs connect as. They are
-- of the whole server, so making them takes CREATEROLE; who lacks it has an
-- administrator run roles.sql.

-- +goose StatementBegin
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['owner', 'ingress', 'worker', 'mailer', 'reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'licenseledger_' || name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', 'licenseledger_' || name);
        END IF;
    END LOOP;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE WARNING 'the roles of LicenseLedger could not be made: have an administrator run migrations/roles.sql';
    WHEN duplicate_object OR unique_violation THEN
        NULL; -- another database of this server was faster
END $$;
-- +goose StatementEnd

-- Gives the roles their rights, as far as there are roles. It is called whenever
-- migrations were applied, so a new table needs a word here only if it is special.
-- +goose StatementBegin
CREATE PROCEDURE grant_rights() LANGUAGE plpgsql AS
$$ DECLARE
    t record;
BEGIN
    IF (SELECT count(*) FROM pg_roles WHERE rolname IN ('licenseledger_owner', 'licenseledger_ingress', 'licenseledger_worker',
                                                        'licenseledger_mailer', 'licenseledger_reader')) < 5 THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO licenseledger_owner, licenseledger_ingress, licenseledger_worker, licenseledger_mailer, licenseledger_reader',
                   current_schema());
    FOR t IN
        SELECT c.oid, c.relname AS name, c.relkind AS kind, EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND tgname = 'append_only') AS append_only
        FROM pg_class AS c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'v', 'S') AND c.relname NOT LIKE 'goose%'
    LOOP
        EXECUTE format('GRANT ALL ON %I TO licenseledger_owner', t.name);
        IF t.kind = 'S' THEN
            EXECUTE format('GRANT USAGE ON SEQUENCE %I TO licenseledger_worker', t.name);
        ELSIF t.name <> 'source_keys' THEN
            EXECUTE format('GRANT SELECT ON %I TO licenseledger_worker, licenseledger_reader', t.name);
        END IF;
        IF t.kind = 'r' AND t.name NOT IN ('sources', 'source_keys') THEN
            EXECUTE format('GRANT INSERT ON %I TO licenseledger_worker', t.name);
            IF NOT t.append_only THEN -- by grant as well as by trigger
                EXECUTE format('GRANT UPDATE ON %I TO licenseledger_worker', t.name);
            END IF;
        END IF;
    END LOOP;

    GRANT DELETE ON pending, undocumented TO licenseledger_worker;
    GRANT UPDATE (body) ON commands TO licenseledger_worker; -- an erased learner's name
    GRANT EXECUTE ON FUNCTION signature_valid(text, text, bytea, bytea),
        unsigned_commands(text[], text[], text[], text[], text[], text[], bytea[], bytea[], text[], bytea[]),
        accept_commands(text[], text[], text[], text[], text[], text[], bytea[], bytea[], text[], bytea[], boolean),
        record_refusal(text, text, bytea, text, text, text, text, text) TO licenseledger_worker, licenseledger_owner;

    -- Hands commands over and asks for outcomes; of the catalog it sees who belongs to whom.
    GRANT EXECUTE ON FUNCTION
        unsigned_commands(text[], text[], text[], text[], text[], text[], bytea[], bytea[], text[], bytea[]),
        accept_commands(text[], text[], text[], text[], text[], text[], bytea[], bytea[], text[], bytea[], boolean),
        record_refusal(text, text, bytea, text, text, text, text, text) TO licenseledger_ingress;
    GRANT SELECT ON clock, outcomes, pending, refusals, sources TO licenseledger_ingress;
    GRANT SELECT (seq, source, id, kind, hash) ON commands TO licenseledger_ingress;
    GRANT SELECT (account, kind, parent) ON accounts TO licenseledger_ingress;
    GRANT SELECT (user_id, account) ON users TO licenseledger_ingress;
    GRANT SELECT (contract, reseller) ON contracts TO licenseledger_ingress;

    -- Sends what was written.
    GRANT SELECT ON clock, documents, invoices, mail, restores TO licenseledger_mailer;
    GRANT UPDATE (state, attempts, next_at, token, message_id, sent_at, doubtful, error) ON mail TO licenseledger_mailer;

    -- Previews say what a signature is worth.
    GRANT EXECUTE ON FUNCTION
        unsigned_commands(text[], text[], text[], text[], text[], text[], bytea[], bytea[], text[], bytea[]) TO licenseledger_reader;
END $$;
-- +goose StatementEnd

-- Functions with the rights of their owner are for nobody else, and look for
-- their tables in this schema alone.
-- +goose StatementBegin
DO $$
DECLARE
    f record;
BEGIN
    FOR f IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND prosecdef LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f.name);
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', f.name, current_schema());
    END LOOP;
END $$;
-- +goose StatementEnd
