-- +goose Up

------------------------------------------------------------------------
-- Events are read from outcomes and mails, which are there anyway: nothing more
-- is written for them. Webhooks are places to which they are sent.

-- Who the ledger is, for those who hear from several.
CREATE TABLE ledger (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id  uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO ledger DEFAULT VALUES;

-- cursor_no, cursor_n: the last event that has been delivered, or that was left out.
-- types: empty for all. account: '' for all, else the root of a subtree.
-- next_at is also the end of the lease of the worker that delivers at the moment.
-- failing_since: the first of the failures that no success has followed.
CREATE TABLE webhooks (
    webhook       ident PRIMARY KEY,
    url           text NOT NULL,
    types         text[] NOT NULL,
    account       ident NOT NULL,
    state         text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'dead')),
    cursor_no     bigint NOT NULL,
    cursor_n      bigint NOT NULL,
    token         bigint NOT NULL DEFAULT 0,
    next_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts      bigint NOT NULL DEFAULT 0,
    failing_since timestamptz,
    error         text NOT NULL DEFAULT '',
    delivered     bigint NOT NULL DEFAULT 0,
    delivered_at  timestamptz,
    added_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE SEQUENCE webhooks_seq;

-- Apart from the rest, because whoever reads them can sign.
CREATE TABLE webhook_secrets (
    webhook ident PRIMARY KEY REFERENCES webhooks ON DELETE CASCADE,
    secret  bytea NOT NULL CHECK (octet_length(secret) >= 24)
);

-- What was granted until now, and from now on without the secrets: the worker
-- signs with them, nobody else reads them.
ALTER PROCEDURE grant_rights() RENAME TO grant_rights_to_all;

-- +goose StatementBegin
CREATE PROCEDURE grant_rights() LANGUAGE plpgsql AS
$$ BEGIN
    CALL grant_rights_to_all();
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'licenseledger_reader') THEN
        REVOKE ALL ON webhook_secrets FROM licenseledger_reader;
    END IF;
END $$;
-- +goose StatementEnd
