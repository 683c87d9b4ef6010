-- +goose Up

-- Prices as they were put, for days that are charged afterwards.
CREATE TABLE contract_prices (
    contract ident NOT NULL,
    at       timestamptz NOT NULL,
    no       bigint NOT NULL,
    products jsonb NOT NULL,
    PRIMARY KEY (contract, at, no)
);
CREATE TABLE term_prices (
    subscription ident NOT NULL,
    starts_at    timestamptz NOT NULL,
    no           bigint NOT NULL,
    unit_price   numeric NOT NULL,
    PRIMARY KEY (subscription, starts_at, no)
);
CREATE INDEX seat_changes_by_day ON seat_changes (subscription, effective_on);

-- How far each contract is closed, and when its month closes next.
CREATE TABLE billing (
    contract       ident PRIMARY KEY,
    seller         ident NOT NULL,
    sealed_through date,
    next_close_at  timestamptz NOT NULL
);
CREATE INDEX billing_due ON billing (next_close_at, contract);

CREATE TABLE closes (
    contract  ident NOT NULL,
    period    date NOT NULL,
    seller    ident NOT NULL,
    due_at    timestamptz NOT NULL,
    state     text NOT NULL CHECK (state IN ('sealed', 'done', 'needs_attention')),
    detail    text NOT NULL DEFAULT '',
    closed_at timestamptz,
    PRIMARY KEY (contract, period)
);
CREATE INDEX closes_open ON closes (seller, due_at, contract) WHERE state <> 'done';

CREATE TABLE number_series (
    seller ident PRIMARY KEY,
    last   bigint NOT NULL
);

CREATE TABLE invoices (
    contract  ident NOT NULL,
    period    date NOT NULL,
    seller    ident NOT NULL,
    n         bigint NOT NULL,
    number    text NOT NULL,
    type      bigint NOT NULL,
    currency  text NOT NULL,
    issued_on date NOT NULL,
    due_on    date NOT NULL,
    net       numeric NOT NULL,
    vat_total numeric NOT NULL,
    total     numeric NOT NULL,
    lines     bigint NOT NULL,
    PRIMARY KEY (contract, period),
    UNIQUE (seller, n),
    CHECK (net + vat_total = total)
);
CREATE INDEX invoices_by_number ON invoices (number);
CREATE INDEX invoices_by_period ON invoices (period, seller, n);

CREATE TABLE invoiced_charges (
    no       bigint NOT NULL,
    n        bigint NOT NULL,
    contract ident NOT NULL,
    period   date NOT NULL,
    PRIMARY KEY (no, n)
);

CREATE TABLE documents (
    contract ident NOT NULL,
    period   date NOT NULL,
    format   text NOT NULL CHECK (format IN ('json', 'csv', 'pdf', 'xml')),
    sha256   bytea NOT NULL CHECK (sha256 = sha256(content)),
    content  bytea NOT NULL,
    PRIMARY KEY (contract, period, format)
);
ALTER TABLE documents ALTER content SET STORAGE EXTERNAL;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoices
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoiced_charges
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON documents
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON contract_prices
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON term_prices
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
