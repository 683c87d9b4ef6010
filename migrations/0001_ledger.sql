-- +goose Up

-- Ids are compared byte by byte, in Go and here alike.
CREATE DOMAIN ident AS text COLLATE "C";

------------------------------------------------------------------------
-- Clock: one row. In test mode business time stands at business_now.

CREATE TABLE clock (
    one          boolean PRIMARY KEY DEFAULT true CHECK (one),
    test         boolean NOT NULL DEFAULT false,
    business_now timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO clock DEFAULT VALUES;

-- The one expression of business time, shared by workers, clients and previews.
-- +goose StatementBegin
CREATE FUNCTION ledger_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
$$ SELECT CASE WHEN test THEN business_now ELSE clock_timestamp() END FROM clock $$;
-- +goose StatementEnd

------------------------------------------------------------------------
-- Catalog: upstream's master data. Written only under the exclusive gate.

CREATE TABLE sellers (
    seller         ident PRIMARY KEY,
    name           text NOT NULL,
    address        jsonb NOT NULL,
    vat_number     text NOT NULL,
    currency       text NOT NULL,
    email          text NOT NULL,
    finance_email  text NOT NULL,
    invoice_prefix text NOT NULL,
    iban           text NOT NULL,
    bic            text NOT NULL,
    changed_at     timestamptz NOT NULL
);

CREATE TABLE taxes (
    country    text NOT NULL,
    category   text NOT NULL,
    from_on    date NOT NULL,
    rate       numeric NOT NULL CHECK (rate >= 0),
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (country, category, from_on)
);

CREATE TABLE products (
    product     ident PRIMARY KEY,
    name        text NOT NULL,
    package     text NOT NULL,
    term_months bigint NOT NULL CHECK (term_months > 0),
    used        boolean NOT NULL DEFAULT false,
    changed_at  timestamptz NOT NULL
);

CREATE TABLE accounts (
    account       ident PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('reseller', 'customer')),
    parent        ident NOT NULL,
    name          text NOT NULL,
    address       jsonb NOT NULL,
    vat_number    text NOT NULL,
    package       text NOT NULL,
    trial         boolean NOT NULL,
    status        text NOT NULL CHECK (status IN ('active', 'closed')),
    locale        text NOT NULL,
    purchase_link text NOT NULL,
    used          boolean NOT NULL DEFAULT false,
    changed_at    timestamptz NOT NULL,
    CHECK (kind = 'reseller' OR parent <> '')
);
CREATE INDEX accounts_by_parent ON accounts (parent, account);
CREATE INDEX resellers_by_parent ON accounts (parent) WHERE kind = 'reseller';

CREATE TABLE users (
    user_id    ident PRIMARY KEY,
    account    ident NOT NULL,
    name       text NOT NULL,
    roles      text[] NOT NULL,
    locale     text NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX users_by_account ON users (account, user_id);

CREATE TABLE contracts (
    contract                ident PRIMARY KEY,
    seller                  ident NOT NULL,
    reseller                ident NOT NULL,
    status                  text NOT NULL CHECK (status IN ('active', 'suspended', 'ended')),
    starts_on               date NOT NULL,
    ends_on                 date,
    currency                text NOT NULL,
    time_zone               text NOT NULL,
    day_count               text NOT NULL CHECK (day_count IN ('start_of_day', 'end_of_day')),
    payment_terms_days      bigint NOT NULL,
    purchase_order_required boolean NOT NULL,
    minimum_quantity        bigint NOT NULL,
    max_seats_per_customer  bigint,
    finance_emails          text[] NOT NULL,
    create_permission       text[] NOT NULL,
    products                jsonb NOT NULL,
    used                    boolean NOT NULL DEFAULT false,
    changed_at              timestamptz NOT NULL
);
CREATE INDEX contracts_by_reseller ON contracts (reseller, contract);
CREATE INDEX contracts_by_seller ON contracts (seller, contract);

CREATE TABLE learners (
    account       ident NOT NULL,
    learner       ident NOT NULL,
    name          text NOT NULL,
    status        text NOT NULL CHECK (status IN ('active', 'left')),
    last_login_at timestamptz,
    changed_at    timestamptz NOT NULL,
    PRIMARY KEY (account, learner)
);

CREATE TABLE links (
    account    ident NOT NULL,
    source     ident NOT NULL,
    live       boolean NOT NULL,
    linked_at  timestamptz NOT NULL,
    PRIMARY KEY (account, source)
);
CREATE INDEX links_by_source ON links (source, account);

------------------------------------------------------------------------
-- Journal: commands and outcomes are append-only, pending is what waits.

CREATE SEQUENCE commands_seq;
CREATE TABLE commands (
    seq          bigint PRIMARY KEY DEFAULT nextval('commands_seq'),
    source       ident NOT NULL,
    id           ident NOT NULL,
    kind         text NOT NULL,
    actor        ident NOT NULL,
    on_behalf_of ident NOT NULL,
    preview      text NOT NULL,
    body         json NOT NULL,
    hash         bytea NOT NULL,
    accepted_at  timestamptz NOT NULL,
    UNIQUE (source, id)
);

CREATE INDEX commands_of_learner ON commands ((body ->> 'account'), (body ->> 'id')) WHERE kind = 'learner.put';

-- after: the command that must be decided before this one (0 for none).
-- dead_at: given up after its attempts; error says why; a retry clears both.
CREATE TABLE pending (
    seq      bigint PRIMARY KEY,
    after    bigint NOT NULL DEFAULT 0,
    next_at  timestamptz NOT NULL DEFAULT clock_timestamp() + interval '10 seconds',
    attempts bigint NOT NULL DEFAULT 0,
    error    text NOT NULL DEFAULT '',
    dead_at  timestamptz
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX pending_due ON pending (next_at) WHERE dead_at IS NULL;

-- Numbers are taken after the locks: their order is a valid serial order.
CREATE SEQUENCE ledger_no CACHE 1;

CREATE TABLE outcomes (
    seq     bigint PRIMARY KEY,
    no      bigint NOT NULL UNIQUE,
    status  text NOT NULL CHECK (status IN ('applied', 'rejected')),
    reason  text NOT NULL,
    detail  text NOT NULL,
    summary text NOT NULL,
    at      timestamptz NOT NULL,
    result  json,
    CHECK ((status = 'rejected') = (reason <> ''))
);

-- A used id that came again with other content. account is that of the actor then.
CREATE TABLE reuses (
    source       ident NOT NULL,
    id           ident NOT NULL,
    hash         bytea NOT NULL,
    kind         text NOT NULL,
    actor        ident NOT NULL,
    on_behalf_of ident NOT NULL,
    at           timestamptz NOT NULL,
    account      ident NOT NULL,
    no           bigint NOT NULL DEFAULT nextval('ledger_no'),
    PRIMARY KEY (source, id, hash)
);
CREATE INDEX reuses_by_account ON reuses (account, no);

CREATE TABLE history (
    account ident NOT NULL,
    no      bigint NOT NULL,
    seq     bigint NOT NULL,
    PRIMARY KEY (account, no)
);

------------------------------------------------------------------------
-- Holdings. changed_at keeps the order of what touches a row.

CREATE TABLE lots (
    lot          ident PRIMARY KEY,
    account      ident NOT NULL,
    product      ident NOT NULL,
    contract     ident NOT NULL,
    quantity     bigint NOT NULL CHECK (quantity > 0),
    remaining    bigint NOT NULL CHECK (remaining BETWEEN 0 AND quantity),
    purchased_on date NOT NULL,
    expires_on   date NOT NULL,
    expired      boolean NOT NULL DEFAULT false,
    no           bigint NOT NULL,
    changed_at   timestamptz NOT NULL,
    -- An index on remaining itself would turn every draw into a cold update; this flips once.
    is_open      boolean NOT NULL GENERATED ALWAYS AS (remaining > 0 AND NOT expired) STORED
) WITH (fillfactor = 70);
CREATE INDEX lots_open ON lots (account, product, expires_on, purchased_on, no, lot) WHERE is_open;
CREATE INDEX lots_by_account ON lots (account, no, lot);

CREATE TABLE licenses (
    license    ident PRIMARY KEY,
    account    ident NOT NULL,
    product    ident NOT NULL,
    contract   ident NOT NULL,
    quantity   bigint NOT NULL CHECK (quantity >= 0),
    deployed   bigint NOT NULL CHECK (deployed >= 0),
    allocated  bigint NOT NULL CHECK (allocated >= 0),
    starts_on  date NOT NULL,
    expires_on date NOT NULL,
    expired    boolean NOT NULL DEFAULT false,
    no         bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    is_open    boolean NOT NULL GENERATED ALWAYS AS (quantity > 0 AND NOT expired) STORED,
    CHECK (deployed + allocated <= quantity),
    CHECK (starts_on < expires_on)
) WITH (fillfactor = 85);
CREATE INDEX licenses_open ON licenses (account, product, expires_on, starts_on, no, license) WHERE is_open;
CREATE INDEX licenses_by_account ON licenses (account, no, license);

CREATE TABLE deployments (
    deployment ident PRIMARY KEY,
    name       text NOT NULL,
    account    ident NOT NULL,
    owner      ident NOT NULL,
    state      text NOT NULL CHECK (state IN ('active', 'retired')),
    items      jsonb NOT NULL,
    no         bigint NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX deployments_by_owner ON deployments (owner, no, deployment);
CREATE INDEX deployments_by_account ON deployments (account, no, deployment);
CREATE INDEX deployments_by_license ON deployments USING gin (items jsonb_path_ops) WHERE state = 'active';

CREATE TABLE allocations (
    allocation ident PRIMARY KEY,
    account    ident NOT NULL,
    product    ident NOT NULL,
    learner    ident NOT NULL,
    license    ident NOT NULL,
    ended_on   date,
    no         bigint NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX allocations_live ON allocations (account, product, learner) WHERE ended_on IS NULL;
CREATE INDEX allocations_of_learner ON allocations (account, learner, product) WHERE ended_on IS NULL;
CREATE INDEX allocations_of_license ON allocations (license) WHERE ended_on IS NULL;

CREATE TABLE orders (
    order_id       ident PRIMARY KEY,
    kind           text NOT NULL CHECK (kind IN ('license', 'seats')),
    contract       ident NOT NULL,
    account        ident NOT NULL,
    product        ident NOT NULL,
    subscription   ident NOT NULL,
    quantity       bigint NOT NULL CHECK (quantity > 0),
    purchase_order text NOT NULL,
    note           text NOT NULL,
    print_note     boolean NOT NULL,
    state          text NOT NULL CHECK (state IN ('requested', 'assigned', 'rejected', 'cancelled')),
    requested_at   timestamptz NOT NULL,
    requested_by   ident NOT NULL,
    assigned_at    timestamptz,
    result         json,
    no             bigint NOT NULL,
    changed_at     timestamptz NOT NULL
);
CREATE INDEX orders_by_account ON orders (account, no, order_id);
CREATE INDEX orders_by_request ON orders (account, requested_at);
CREATE INDEX orders_by_state ON orders (account, state, no, order_id);
CREATE INDEX orders_by_purchase_order ON orders (account, purchase_order, no, order_id) WHERE purchase_order <> '';

CREATE TABLE subscriptions (
    subscription   ident PRIMARY KEY,
    contract       ident NOT NULL,
    account        ident NOT NULL,
    product        ident NOT NULL,
    plan           text NOT NULL CHECK (plan IN ('flexible', 'annual_monthly', 'annual_yearly')),
    seats          bigint NOT NULL CHECK (seats >= 0),
    cap            bigint,
    starts_on      date NOT NULL,
    term           bigint NOT NULL,
    term_starts_on date NOT NULL,
    term_ends_on   date,
    renewal        text NOT NULL CHECK (renewal IN ('', 'renew', 'end')),
    renewal_seats  bigint,
    unit_price     numeric,
    state          text NOT NULL CHECK (state IN ('running', 'ended')),
    no             bigint NOT NULL,
    changed_at     timestamptz NOT NULL,
    CHECK (cap IS NULL OR seats <= cap)
);
CREATE INDEX subscriptions_by_contract ON subscriptions (contract, account, subscription);
CREATE INDEX subscriptions_by_account ON subscriptions (account, no, subscription);

------------------------------------------------------------------------
-- Facts: append-only. One movement row is balanced by construction.

CREATE TABLE movements (
    no           bigint NOT NULL,
    n            bigint NOT NULL,
    product      ident NOT NULL,
    quantity     bigint NOT NULL CHECK (quantity > 0),
    from_holding ident NOT NULL,
    to_holding   ident NOT NULL CHECK (to_holding <> from_holding),
    at           timestamptz NOT NULL,
    PRIMARY KEY (no, n)
);

CREATE TABLE seat_changes (
    subscription ident NOT NULL,
    effective_at timestamptz NOT NULL,
    effective_on date NOT NULL,
    no           bigint NOT NULL,
    n            bigint NOT NULL,
    delta        bigint NOT NULL CHECK (delta <> 0),
    seats_after  bigint NOT NULL CHECK (seats_after >= 0),
    unit_price   numeric NOT NULL,
    PRIMARY KEY (subscription, no, n)
);

CREATE TABLE charges (
    no             bigint NOT NULL,
    n              bigint NOT NULL,
    contract       ident NOT NULL,
    period         date NOT NULL,
    account        ident NOT NULL,
    product        ident NOT NULL,
    kind           text NOT NULL,
    quantity       bigint NOT NULL,
    unit_price     numeric NOT NULL,
    amount         numeric NOT NULL,
    currency       text NOT NULL,
    effective_on   date NOT NULL,
    from_on        date NOT NULL,
    to_on          date NOT NULL,
    days           bigint,
    days_in_period bigint,
    adjusts        date,
    purchase_order text NOT NULL,
    note           text NOT NULL,
    PRIMARY KEY (no, n)
);
CREATE INDEX charges_by_contract ON charges (contract, period, no, n);

------------------------------------------------------------------------
-- Mail: written with its cause, sent afterwards, one row per recipient.

CREATE TABLE mail (
    no         bigint NOT NULL,
    n          bigint NOT NULL,
    event      text NOT NULL,
    account    ident NOT NULL,
    recipient  text NOT NULL,
    name       text NOT NULL,
    locale     text NOT NULL,
    params     json NOT NULL,
    key        uuid NOT NULL,
    created_at timestamptz NOT NULL,
    state      text NOT NULL DEFAULT 'pending'
               CHECK (state IN ('pending', 'sending', 'sent', 'failed', 'in_doubt')),
    attempts   bigint NOT NULL DEFAULT 0,
    next_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    token      bigint NOT NULL DEFAULT 0,
    message_id text NOT NULL DEFAULT '',
    sent_at    timestamptz,
    doubtful   boolean NOT NULL DEFAULT false,
    error      text NOT NULL DEFAULT '',
    waits      boolean NOT NULL GENERATED ALWAYS AS (state IN ('pending', 'sending', 'in_doubt')) STORED,
    PRIMARY KEY (no, n)
) WITH (fillfactor = 70);
CREATE INDEX mail_due ON mail (next_at, no, n) WHERE waits;
CREATE INDEX mail_by_recipient ON mail (recipient, no, n);

------------------------------------------------------------------------
-- What was written stays written.

-- The one exception: an erased learner's name leaves the journal too.
-- +goose StatementBegin
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF TG_TABLE_NAME = 'commands' AND TG_OP = 'UPDATE' AND current_setting('licenseledger.erasing', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commands
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON outcomes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movements
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seat_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON charges
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
