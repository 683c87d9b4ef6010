-- The schema after all migrations, for readers. Written by "make schema".

CREATE DOMAIN ident AS text COLLATE pg_catalog."C";

CREATE FUNCTION ledger_now() RETURNS timestamp with time zone
    LANGUAGE sql
    AS $$ SELECT CASE WHEN test THEN business_now ELSE clock_timestamp() END FROM clock $$;

CREATE FUNCTION refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
    IF TG_TABLE_NAME = 'commands' AND TG_OP = 'UPDATE' AND current_setting('licenseledger.erasing', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TABLE accounts (
    account ident NOT NULL,
    kind text NOT NULL,
    parent ident NOT NULL,
    name text NOT NULL,
    address jsonb NOT NULL,
    vat_number text NOT NULL,
    package text NOT NULL,
    trial boolean NOT NULL,
    status text NOT NULL,
    locale text NOT NULL,
    purchase_link text NOT NULL,
    used boolean DEFAULT false NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT accounts_check CHECK (((kind = 'reseller'::text) OR ((parent)::text <> ''::text))),
    CONSTRAINT accounts_kind_check CHECK ((kind = ANY (ARRAY['reseller'::text, 'customer'::text]))),
    CONSTRAINT accounts_status_check CHECK ((status = ANY (ARRAY['active'::text, 'closed'::text])))
);

CREATE TABLE allocations (
    allocation ident NOT NULL,
    account ident NOT NULL,
    product ident NOT NULL,
    learner ident NOT NULL,
    license ident NOT NULL,
    ended_on date,
    no bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

CREATE TABLE billing (
    contract ident NOT NULL,
    seller ident NOT NULL,
    sealed_through date,
    next_close_at timestamp with time zone NOT NULL
);

CREATE TABLE charges (
    no bigint NOT NULL,
    n bigint NOT NULL,
    contract ident NOT NULL,
    period date NOT NULL,
    account ident NOT NULL,
    product ident NOT NULL,
    kind text NOT NULL,
    quantity bigint NOT NULL,
    unit_price numeric NOT NULL,
    amount numeric NOT NULL,
    currency text NOT NULL,
    effective_on date NOT NULL,
    from_on date NOT NULL,
    to_on date NOT NULL,
    days bigint,
    days_in_period bigint,
    adjusts date,
    purchase_order text NOT NULL,
    note text NOT NULL
);

CREATE TABLE clock (
    one boolean DEFAULT true NOT NULL,
    test boolean DEFAULT false NOT NULL,
    business_now timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT clock_one_check CHECK (one)
);

CREATE TABLE closes (
    contract ident NOT NULL,
    period date NOT NULL,
    seller ident NOT NULL,
    due_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    detail text DEFAULT ''::text NOT NULL,
    closed_at timestamp with time zone,
    country text DEFAULT ''::text NOT NULL,
    rate_on date,
    tried_at timestamp with time zone,
    told text DEFAULT ''::text NOT NULL,
    CONSTRAINT closes_state_check CHECK ((state = ANY (ARRAY['sealed'::text, 'done'::text, 'needs_attention'::text])))
);

CREATE VIEW closes_to_tell AS
 SELECT news.seller,
    news.period
   FROM ( SELECT DISTINCT closes.seller,
            closes.period
           FROM closes
          WHERE (closes.told <> closes.state)) news
  WHERE ((news.period < ( SELECT COALESCE((date_trunc('month'::text, ((min(b.next_close_at) - '2 days'::interval) AT TIME ZONE 'UTC'::text)))::date, 'infinity'::date) AS "coalesce"
           FROM billing b
          WHERE ((b.seller)::text = (news.seller)::text))) AND (NOT (EXISTS ( SELECT
           FROM closes c
          WHERE (((c.seller)::text = (news.seller)::text) AND (c.period = news.period) AND (c.state = 'sealed'::text))))));

CREATE TABLE taxes (
    country text NOT NULL,
    category text NOT NULL,
    from_on date NOT NULL,
    rate numeric NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT taxes_rate_check CHECK ((rate >= (0)::numeric))
);

CREATE VIEW closes_to_try AS
 SELECT c.contract,
    c.period,
    c.seller,
    c.due_at,
    c.state,
    c.detail
   FROM closes c
  WHERE ((c.state <> 'done'::text) AND ((c.tried_at IS NULL) OR (c.tried_at < (clock_timestamp() - '00:10:00'::interval)) OR (EXISTS ( SELECT
           FROM taxes t
          WHERE ((replace(t.country, 'EL'::text, 'GR'::text) = replace(c.country, 'EL'::text, 'GR'::text)) AND (t.category = 'S'::text) AND (t.from_on <= c.rate_on))))));

CREATE SEQUENCE commands_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE commands (
    seq bigint DEFAULT nextval('commands_seq'::regclass) NOT NULL,
    source ident NOT NULL,
    id ident NOT NULL,
    kind text NOT NULL,
    actor ident NOT NULL,
    on_behalf_of ident NOT NULL,
    preview text NOT NULL,
    body json NOT NULL,
    hash bytea NOT NULL,
    accepted_at timestamp with time zone NOT NULL
);

CREATE TABLE contract_prices (
    contract ident NOT NULL,
    at timestamp with time zone NOT NULL,
    no bigint NOT NULL,
    products jsonb NOT NULL
);

CREATE TABLE contracts (
    contract ident NOT NULL,
    seller ident NOT NULL,
    reseller ident NOT NULL,
    status text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    currency text NOT NULL,
    time_zone text NOT NULL,
    day_count text NOT NULL,
    payment_terms_days bigint NOT NULL,
    purchase_order_required boolean NOT NULL,
    minimum_quantity bigint NOT NULL,
    max_seats_per_customer bigint,
    finance_emails text[] NOT NULL,
    create_permission text[] NOT NULL,
    products jsonb NOT NULL,
    used boolean DEFAULT false NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT contracts_day_count_check CHECK ((day_count = ANY (ARRAY['start_of_day'::text, 'end_of_day'::text]))),
    CONSTRAINT contracts_status_check CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'ended'::text])))
);

CREATE TABLE deployments (
    deployment ident NOT NULL,
    name text NOT NULL,
    account ident NOT NULL,
    owner ident NOT NULL,
    state text NOT NULL,
    items jsonb NOT NULL,
    no bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT deployments_state_check CHECK ((state = ANY (ARRAY['active'::text, 'retired'::text])))
);

CREATE TABLE documents (
    contract ident NOT NULL,
    period date NOT NULL,
    format text NOT NULL,
    sha256 bytea NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT documents_check CHECK ((sha256 = sha256(content))),
    CONSTRAINT documents_format_check CHECK ((format = ANY (ARRAY['json'::text, 'csv'::text, 'pdf'::text, 'xml'::text])))
);
ALTER TABLE ONLY documents ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE due_failures (
    source_table text NOT NULL,
    id ident NOT NULL,
    name text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    failed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    error text NOT NULL
);

CREATE TABLE history (
    account ident NOT NULL,
    no bigint NOT NULL,
    seq bigint NOT NULL
);

CREATE TABLE invoiced_charges (
    no bigint NOT NULL,
    n bigint NOT NULL,
    contract ident NOT NULL,
    period date NOT NULL
);

CREATE TABLE invoices (
    contract ident NOT NULL,
    period date NOT NULL,
    seller ident NOT NULL,
    n bigint NOT NULL,
    number text NOT NULL,
    type bigint NOT NULL,
    currency text NOT NULL,
    issued_on date NOT NULL,
    due_on date NOT NULL,
    net numeric NOT NULL,
    vat_total numeric NOT NULL,
    total numeric NOT NULL,
    lines bigint NOT NULL,
    content bytea,
    CONSTRAINT invoices_check CHECK (((net + vat_total) = total))
);
ALTER TABLE ONLY invoices ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE learners (
    account ident NOT NULL,
    learner ident NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    last_login_at timestamp with time zone,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT learners_status_check CHECK ((status = ANY (ARRAY['active'::text, 'left'::text])))
);

CREATE SEQUENCE ledger_no
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE licenses (
    license ident NOT NULL,
    account ident NOT NULL,
    product ident NOT NULL,
    contract ident NOT NULL,
    quantity bigint NOT NULL,
    deployed bigint NOT NULL,
    allocated bigint NOT NULL,
    starts_on date NOT NULL,
    expires_on date NOT NULL,
    expired boolean DEFAULT false NOT NULL,
    no bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    is_open boolean GENERATED ALWAYS AS (((quantity > 0) AND (NOT expired))) STORED NOT NULL,
    next_due_at timestamp with time zone,
    CONSTRAINT licenses_allocated_check CHECK ((allocated >= 0)),
    CONSTRAINT licenses_check CHECK (((deployed + allocated) <= quantity)),
    CONSTRAINT licenses_check1 CHECK ((starts_on < expires_on)),
    CONSTRAINT licenses_deployed_check CHECK ((deployed >= 0)),
    CONSTRAINT licenses_quantity_check CHECK ((quantity >= 0))
)
WITH (fillfactor='85');

CREATE TABLE links (
    account ident NOT NULL,
    source ident NOT NULL,
    live boolean NOT NULL,
    linked_at timestamp with time zone NOT NULL
);

CREATE TABLE lots (
    lot ident NOT NULL,
    account ident NOT NULL,
    product ident NOT NULL,
    contract ident NOT NULL,
    quantity bigint NOT NULL,
    remaining bigint NOT NULL,
    purchased_on date NOT NULL,
    expires_on date NOT NULL,
    expired boolean DEFAULT false NOT NULL,
    no bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    is_open boolean GENERATED ALWAYS AS (((remaining > 0) AND (NOT expired))) STORED NOT NULL,
    next_due_at timestamp with time zone,
    CONSTRAINT lots_check CHECK (((remaining >= 0) AND (remaining <= quantity))),
    CONSTRAINT lots_quantity_check CHECK ((quantity > 0))
)
WITH (fillfactor='70');

CREATE TABLE mail (
    no bigint NOT NULL,
    n bigint NOT NULL,
    event text NOT NULL,
    account ident NOT NULL,
    recipient text NOT NULL,
    name text NOT NULL,
    locale text NOT NULL,
    params json NOT NULL,
    key uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    attempts bigint DEFAULT 0 NOT NULL,
    next_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    token bigint DEFAULT 0 NOT NULL,
    message_id text DEFAULT ''::text NOT NULL,
    sent_at timestamp with time zone,
    doubtful boolean DEFAULT false NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    waits boolean GENERATED ALWAYS AS ((state = ANY (ARRAY['pending'::text, 'sending'::text, 'in_doubt'::text]))) STORED NOT NULL,
    CONSTRAINT mail_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'sending'::text, 'sent'::text, 'failed'::text, 'in_doubt'::text])))
)
WITH (fillfactor='70');

CREATE TABLE movements (
    no bigint NOT NULL,
    n bigint NOT NULL,
    product ident NOT NULL,
    quantity bigint NOT NULL,
    from_holding ident NOT NULL,
    to_holding ident NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT movements_check CHECK (((to_holding)::text <> (from_holding)::text)),
    CONSTRAINT movements_quantity_check CHECK ((quantity > 0))
);

CREATE TABLE number_series (
    seller ident NOT NULL,
    last bigint NOT NULL
);

CREATE TABLE orders (
    order_id ident NOT NULL,
    kind text NOT NULL,
    contract ident NOT NULL,
    account ident NOT NULL,
    product ident NOT NULL,
    subscription ident NOT NULL,
    quantity bigint NOT NULL,
    purchase_order text NOT NULL,
    note text NOT NULL,
    print_note boolean NOT NULL,
    state text NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    requested_by ident NOT NULL,
    assigned_at timestamp with time zone,
    result json,
    no bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT orders_kind_check CHECK ((kind = ANY (ARRAY['license'::text, 'seats'::text]))),
    CONSTRAINT orders_quantity_check CHECK ((quantity > 0)),
    CONSTRAINT orders_state_check CHECK ((state = ANY (ARRAY['requested'::text, 'assigned'::text, 'rejected'::text, 'cancelled'::text])))
);

CREATE TABLE outcomes (
    seq bigint NOT NULL,
    no bigint NOT NULL,
    status text NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    summary text NOT NULL,
    at timestamp with time zone NOT NULL,
    result json,
    CONSTRAINT outcomes_check CHECK (((status = 'rejected'::text) = (reason <> ''::text))),
    CONSTRAINT outcomes_status_check CHECK ((status = ANY (ARRAY['applied'::text, 'rejected'::text])))
);

CREATE TABLE pending (
    seq bigint NOT NULL,
    after bigint DEFAULT 0 NOT NULL,
    next_at timestamp with time zone DEFAULT (clock_timestamp() + '00:00:10'::interval) NOT NULL,
    attempts bigint DEFAULT 0 NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    dead_at timestamp with time zone
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0.01', autovacuum_vacuum_cost_delay='0');

CREATE TABLE products (
    product ident NOT NULL,
    name text NOT NULL,
    package text NOT NULL,
    term_months bigint NOT NULL,
    used boolean DEFAULT false NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT products_term_months_check CHECK ((term_months > 0))
);

CREATE TABLE reuses (
    source ident NOT NULL,
    id ident NOT NULL,
    hash bytea NOT NULL,
    kind text NOT NULL,
    actor ident NOT NULL,
    on_behalf_of ident NOT NULL,
    at timestamp with time zone NOT NULL,
    account ident NOT NULL,
    no bigint DEFAULT nextval('ledger_no'::regclass) NOT NULL
);

CREATE TABLE seat_changes (
    subscription ident NOT NULL,
    effective_at timestamp with time zone NOT NULL,
    effective_on date NOT NULL,
    no bigint NOT NULL,
    n bigint NOT NULL,
    delta bigint NOT NULL,
    seats_after bigint NOT NULL,
    unit_price numeric NOT NULL,
    ends_term boolean DEFAULT false NOT NULL,
    CONSTRAINT seat_changes_delta_check CHECK ((delta <> 0)),
    CONSTRAINT seat_changes_seats_after_check CHECK ((seats_after >= 0))
);

CREATE TABLE sellers (
    seller ident NOT NULL,
    name text NOT NULL,
    address jsonb NOT NULL,
    vat_number text NOT NULL,
    currency text NOT NULL,
    email text NOT NULL,
    finance_email text NOT NULL,
    invoice_prefix text NOT NULL,
    iban text NOT NULL,
    bic text NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

CREATE TABLE subscriptions (
    subscription ident NOT NULL,
    contract ident NOT NULL,
    account ident NOT NULL,
    product ident NOT NULL,
    plan text NOT NULL,
    seats bigint NOT NULL,
    cap bigint,
    starts_on date NOT NULL,
    term bigint NOT NULL,
    term_starts_on date NOT NULL,
    term_ends_on date,
    renewal text NOT NULL,
    renewal_seats bigint,
    unit_price numeric,
    state text NOT NULL,
    no bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    next_due_at timestamp with time zone,
    CONSTRAINT subscriptions_check CHECK (((cap IS NULL) OR (seats <= cap))),
    CONSTRAINT subscriptions_plan_check CHECK ((plan = ANY (ARRAY['flexible'::text, 'annual_monthly'::text, 'annual_yearly'::text]))),
    CONSTRAINT subscriptions_renewal_check CHECK ((renewal = ANY (ARRAY[''::text, 'renew'::text, 'end'::text]))),
    CONSTRAINT subscriptions_seats_check CHECK ((seats >= 0)),
    CONSTRAINT subscriptions_state_check CHECK ((state = ANY (ARRAY['running'::text, 'ended'::text])))
);

CREATE TABLE term_prices (
    subscription ident NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    no bigint NOT NULL,
    unit_price numeric NOT NULL
);

CREATE TABLE undocumented (
    contract ident NOT NULL,
    period date NOT NULL,
    mail_no bigint NOT NULL,
    mail_from bigint NOT NULL,
    mail_to bigint NOT NULL,
    attempts bigint DEFAULT 0 NOT NULL,
    next_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    error text DEFAULT ''::text NOT NULL
);

CREATE TABLE users (
    user_id ident NOT NULL,
    account ident NOT NULL,
    name text NOT NULL,
    roles text[] NOT NULL,
    locale text NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (account);

ALTER TABLE ONLY allocations
    ADD CONSTRAINT allocations_pkey PRIMARY KEY (allocation);

ALTER TABLE ONLY billing
    ADD CONSTRAINT billing_pkey PRIMARY KEY (contract);

ALTER TABLE ONLY charges
    ADD CONSTRAINT charges_pkey PRIMARY KEY (no, n);

ALTER TABLE ONLY clock
    ADD CONSTRAINT clock_pkey PRIMARY KEY (one);

ALTER TABLE ONLY closes
    ADD CONSTRAINT closes_pkey PRIMARY KEY (contract, period);

ALTER TABLE ONLY commands
    ADD CONSTRAINT commands_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY commands
    ADD CONSTRAINT commands_source_id_key UNIQUE (source, id);

ALTER TABLE ONLY contract_prices
    ADD CONSTRAINT contract_prices_pkey PRIMARY KEY (contract, at, no);

ALTER TABLE ONLY contracts
    ADD CONSTRAINT contracts_pkey PRIMARY KEY (contract);

ALTER TABLE ONLY deployments
    ADD CONSTRAINT deployments_pkey PRIMARY KEY (deployment);

ALTER TABLE ONLY documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (contract, period, format);

ALTER TABLE ONLY due_failures
    ADD CONSTRAINT due_failures_pkey PRIMARY KEY (source_table, id, due_at);

ALTER TABLE ONLY history
    ADD CONSTRAINT history_pkey PRIMARY KEY (account, no);

ALTER TABLE ONLY invoiced_charges
    ADD CONSTRAINT invoiced_charges_pkey PRIMARY KEY (no, n);

ALTER TABLE ONLY invoices
    ADD CONSTRAINT invoices_pkey PRIMARY KEY (contract, period);

ALTER TABLE ONLY invoices
    ADD CONSTRAINT invoices_seller_n_key UNIQUE (seller, n);

ALTER TABLE ONLY learners
    ADD CONSTRAINT learners_pkey PRIMARY KEY (account, learner);

ALTER TABLE ONLY licenses
    ADD CONSTRAINT licenses_pkey PRIMARY KEY (license);

ALTER TABLE ONLY links
    ADD CONSTRAINT links_pkey PRIMARY KEY (account, source);

ALTER TABLE ONLY lots
    ADD CONSTRAINT lots_pkey PRIMARY KEY (lot);

ALTER TABLE ONLY mail
    ADD CONSTRAINT mail_pkey PRIMARY KEY (no, n);

ALTER TABLE ONLY movements
    ADD CONSTRAINT movements_pkey PRIMARY KEY (no, n);

ALTER TABLE ONLY number_series
    ADD CONSTRAINT number_series_pkey PRIMARY KEY (seller);

ALTER TABLE ONLY orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY outcomes
    ADD CONSTRAINT outcomes_no_key UNIQUE (no);

ALTER TABLE ONLY outcomes
    ADD CONSTRAINT outcomes_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY pending
    ADD CONSTRAINT pending_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY products
    ADD CONSTRAINT products_pkey PRIMARY KEY (product);

ALTER TABLE ONLY reuses
    ADD CONSTRAINT reuses_pkey PRIMARY KEY (source, id, hash);

ALTER TABLE ONLY seat_changes
    ADD CONSTRAINT seat_changes_pkey PRIMARY KEY (subscription, no, n);

ALTER TABLE ONLY sellers
    ADD CONSTRAINT sellers_pkey PRIMARY KEY (seller);

ALTER TABLE ONLY subscriptions
    ADD CONSTRAINT subscriptions_pkey PRIMARY KEY (subscription);

ALTER TABLE ONLY taxes
    ADD CONSTRAINT taxes_pkey PRIMARY KEY (country, category, from_on);

ALTER TABLE ONLY term_prices
    ADD CONSTRAINT term_prices_pkey PRIMARY KEY (subscription, starts_at, no);

ALTER TABLE ONLY undocumented
    ADD CONSTRAINT undocumented_pkey PRIMARY KEY (contract, period);

ALTER TABLE ONLY users
    ADD CONSTRAINT users_pkey PRIMARY KEY (user_id);

CREATE INDEX accounts_by_parent ON accounts USING btree (parent, account);

CREATE UNIQUE INDEX allocations_live ON allocations USING btree (account, product, learner) WHERE (ended_on IS NULL);

CREATE INDEX allocations_of_learner ON allocations USING btree (account, learner, product) WHERE (ended_on IS NULL);

CREATE INDEX allocations_of_license ON allocations USING btree (license) WHERE (ended_on IS NULL);

CREATE INDEX billing_due ON billing USING btree (next_close_at, contract);

CREATE INDEX billing_of_seller ON billing USING btree (seller, next_close_at);

CREATE INDEX charges_by_contract ON charges USING btree (contract, period, no, n);

CREATE INDEX closes_open ON closes USING btree (seller, due_at, contract) WHERE (state <> 'done'::text);

CREATE INDEX closes_untold ON closes USING btree (seller, period) WHERE (told <> state);

CREATE INDEX commands_of_learner ON commands USING btree (((body ->> 'account'::text)), ((body ->> 'id'::text))) WHERE (kind = 'learner.put'::text);

CREATE INDEX contracts_by_reseller ON contracts USING btree (reseller, contract);

CREATE INDEX contracts_by_seller ON contracts USING btree (seller, contract);

CREATE INDEX deployments_by_account ON deployments USING btree (account, no, deployment);

CREATE INDEX deployments_by_license ON deployments USING gin (items jsonb_path_ops) WHERE (state = 'active'::text);

CREATE INDEX deployments_by_owner ON deployments USING btree (owner, no, deployment);

CREATE INDEX invoices_by_number ON invoices USING btree (number);

CREATE INDEX invoices_by_period ON invoices USING btree (period, seller, n);

CREATE INDEX licenses_by_account ON licenses USING btree (account, no, license);

CREATE INDEX licenses_due ON licenses USING btree (next_due_at, license) WHERE (next_due_at IS NOT NULL);

CREATE INDEX licenses_open ON licenses USING btree (account, product, expires_on, starts_on, no, license) WHERE is_open;

CREATE INDEX links_by_source ON links USING btree (source, account);

CREATE INDEX lots_by_account ON lots USING btree (account, no, lot);

CREATE INDEX lots_due ON lots USING btree (next_due_at, lot) WHERE (next_due_at IS NOT NULL);

CREATE INDEX lots_open ON lots USING btree (account, product, expires_on, purchased_on, no, lot) WHERE is_open;

CREATE INDEX mail_by_recipient ON mail USING btree (recipient, no, n);

CREATE INDEX mail_due ON mail USING btree (next_at, no, n) WHERE waits;

CREATE INDEX orders_by_account ON orders USING btree (account, no, order_id);

CREATE INDEX orders_by_purchase_order ON orders USING btree (account, purchase_order, no, order_id) WHERE (purchase_order <> ''::text);

CREATE INDEX orders_by_request ON orders USING btree (account, requested_at);

CREATE INDEX orders_by_state ON orders USING btree (account, state, no, order_id);

CREATE INDEX pending_due ON pending USING btree (next_at) WHERE (dead_at IS NULL);

CREATE INDEX resellers_by_parent ON accounts USING btree (parent) WHERE (kind = 'reseller'::text);

CREATE INDEX reuses_by_account ON reuses USING btree (account, no);

CREATE INDEX seat_changes_by_day ON seat_changes USING btree (subscription, effective_on);

CREATE INDEX subscriptions_by_account ON subscriptions USING btree (account, no, subscription);

CREATE INDEX subscriptions_by_contract ON subscriptions USING btree (contract, account, subscription);

CREATE INDEX subscriptions_due ON subscriptions USING btree (next_due_at, subscription) WHERE (next_due_at IS NOT NULL);

CREATE INDEX undocumented_due ON undocumented USING btree (next_at);

CREATE INDEX users_by_account ON users USING btree (account, user_id);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON charges FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON commands FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON contract_prices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON documents FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON invoiced_charges FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON invoices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON movements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON outcomes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON seat_changes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON term_prices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
