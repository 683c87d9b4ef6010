-- +goose Up

------------------------------------------------------------------------
-- Tokens: what a source shows to `enqueue serve` instead of signing.

-- hash: SHA-256 of the token. Whoever has it could show it to accept_commands,
-- so nobody reads it. A revoked token is forgotten.
CREATE TABLE source_tokens (
    source     ident NOT NULL REFERENCES sources,
    token_id   ident NOT NULL,
    hash       bytea UNIQUE CHECK (octet_length(hash) = 32),
    added_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at timestamptz,
    PRIMARY KEY (source, token_id),
    CHECK ((revoked_at IS NULL) = (hash IS NOT NULL))
);

-- Whose token has a hash, and how far it goes.
-- +goose StatementBegin
CREATE FUNCTION token_holder(hash bytea) RETURNS TABLE (source text, token_id text, scopes text[], account text)
LANGUAGE sql STABLE SECURITY DEFINER AS
$$ SELECT t.source, t.token_id, s.scopes, s.account
   FROM source_tokens AS t JOIN sources AS s ON s.source = t.source
   WHERE t.hash = $1 $$;
-- +goose StatementEnd

-- Which commands, counted from 1, name a source with keys and are neither signed
-- by it nor vouched for by a token, whose hash then stands for the signature.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION unsigned_commands(sources text[], ids text[], kinds text[], actors text[], on_behalf_of text[], previews text[],
                                  bodies bytea[], hashes bytea[], key_ids text[], signatures bytea[])
RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER AS
$$ SELECT n
   FROM (SELECT unnest($1) AS source, unnest($2) AS id, unnest($3) AS kind, unnest($4) AS actor, unnest($5) AS on_behalf_of, unnest($6) AS preview,
                unnest($7) AS body, unnest($8) AS hash, unnest($9) AS key_id, unnest($10) AS signature,
                generate_series(1, cardinality($1))::bigint AS n) AS g
   WHERE EXISTS (SELECT FROM sources AS s WHERE s.source = g.source)
     AND NOT EXISTS (SELECT FROM source_tokens AS t WHERE t.source = g.source AND t.token_id = g.key_id AND t.hash = g.signature)
     AND NOT signature_valid(g.source, g.key_id,
                             command_message(g.source, g.key_id, g.id, g.kind, g.actor, g.on_behalf_of, g.preview, g.body, g.hash), g.signature) $$;
-- +goose StatementEnd

-- As before, and: tokens are the owner's alone.
-- +goose StatementBegin
CREATE OR REPLACE PROCEDURE grant_rights() LANGUAGE plpgsql AS
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
        ELSIF t.name NOT IN ('source_keys', 'source_tokens') THEN
            EXECUTE format('GRANT SELECT ON %I TO licenseledger_worker, licenseledger_reader', t.name);
        END IF;
        IF t.kind = 'r' AND t.name NOT IN ('sources', 'source_keys', 'source_tokens') THEN
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

    -- Whoever serves HTTP asks whose token was shown.
    GRANT EXECUTE ON FUNCTION token_holder(bytea) TO licenseledger_ingress, licenseledger_reader, licenseledger_worker, licenseledger_owner;

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
