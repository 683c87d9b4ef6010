-- The schema after all migrations, for readers. Written by "make schema".

CREATE DOMAIN ident AS text COLLATE pg_catalog."C";

CREATE FUNCTION accept_commands(sources text[], ids text[], kinds text[], actors text[], on_behalf_of text[], previews text[], bodies bytea[], hashes bytea[], key_ids text[], signatures bytea[], serial boolean) RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$ DECLARE
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
END $_$;

CREATE FUNCTION command_message(source text, key_id text, id text, kind text, actor text, on_behalf_of text, preview text, body bytea, hash bytea) RETURNS bytea
    LANGUAGE sql STABLE
    AS $_$ SELECT string_agg(int4send(octet_length(f)) || f, ''::bytea ORDER BY n)
   FROM unnest(ARRAY['licenseledger command 1'::bytea, convert_to($1, 'UTF8'), convert_to($2, 'UTF8'), convert_to($3, 'UTF8'), convert_to($4, 'UTF8'),
                     convert_to($5, 'UTF8'), convert_to($6, 'UTF8'), convert_to($7, 'UTF8'), $8, $9]) WITH ORDINALITY AS x (f, n) $_$;

CREATE PROCEDURE grant_rights()
    LANGUAGE plpgsql
    AS $$ BEGIN
    CALL grant_rights_to_all();
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'licenseledger_reader') THEN
        REVOKE ALL ON webhook_secrets FROM licenseledger_reader;
    END IF;
END $$;

CREATE PROCEDURE grant_rights_to_all()
    LANGUAGE plpgsql
    AS $$ DECLARE
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

CREATE FUNCTION journal_commands(sources text[], ids text[], kinds text[], actors text[], on_behalf_of text[], previews text[], bodies bytea[], hashes bytea[], key_ids text[], serial boolean) RETURNS SETOF bigint
    LANGUAGE plpgsql
    AS $_$ BEGIN
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
END $_$;

CREATE FUNCTION ledger_now() RETURNS timestamp with time zone
    LANGUAGE sql
    AS $$ SELECT CASE WHEN test THEN business_now ELSE clock_timestamp() END FROM clock $$;

CREATE FUNCTION record_refusal(source text, id text, hash bytea, kind text, actor text, on_behalf_of text, reason text, detail text) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$ DECLARE
    content bytea := CASE $7 WHEN 'id_reused' THEN $3 ELSE sha256(convert_to($7, 'UTF8') || $3) END;
BEGIN
    INSERT INTO refusals AS r (source, id, hash, kind, actor, on_behalf_of, at, account, reason, detail)
    VALUES ($1, $2, content, $4, $5, $6, ledger_now(), coalesce((SELECT u.account FROM users AS u WHERE u.user_id = $5), ''), $7, $8)
    ON CONFLICT DO NOTHING;
    RETURN (SELECT r.at FROM refusals AS r WHERE r.source = $1 AND r.id = $2 AND r.hash = content);
END $_$;

CREATE FUNCTION refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN
    IF TG_TABLE_NAME = 'commands' AND TG_OP = 'UPDATE' AND current_setting('licenseledger.erasing', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION signature_valid(source text, key_id text, message bytea, signature bytea) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$ SELECT EXISTS (
    SELECT FROM source_keys AS k
    WHERE k.source = $1 AND k.key_id = $2 AND k.revoked_at IS NULL
      AND sha256(sha256(k.outer_key || sha256(k.inner_key || $3))) = sha256($4)
) $_$;

CREATE FUNCTION token_holder(hash bytea) RETURNS TABLE(source text, token_id text, scopes text[], account text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$ SELECT t.source, t.token_id, s.scopes, s.account
   FROM source_tokens AS t JOIN sources AS s ON s.source = t.source
   WHERE t.hash = $1 $_$;

CREATE FUNCTION unsigned_commands(sources text[], ids text[], kinds text[], actors text[], on_behalf_of text[], previews text[], bodies bytea[], hashes bytea[], key_ids text[], signatures bytea[]) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$ SELECT n
   FROM (SELECT unnest($1) AS source, unnest($2) AS id, unnest($3) AS kind, unnest($4) AS actor, unnest($5) AS on_behalf_of, unnest($6) AS preview,
                unnest($7) AS body, unnest($8) AS hash, unnest($9) AS key_id, unnest($10) AS signature,
                generate_series(1, cardinality($1))::bigint AS n) AS g
   WHERE EXISTS (SELECT FROM sources AS s WHERE s.source = g.source)
     AND NOT EXISTS (SELECT FROM source_tokens AS t WHERE t.source = g.source AND t.token_id = g.key_id AND t.hash = g.signature)
     AND NOT signature_valid(g.source, g.key_id,
                             command_message(g.source, g.key_id, g.id, g.kind, g.actor, g.on_behalf_of, g.preview, g.body, g.hash), g.signature) $_$;

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
    accepted_at timestamp with time zone NOT NULL,
    key_id ident DEFAULT ''::text NOT NULL
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

CREATE TABLE ledger (
    one boolean DEFAULT true NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    CONSTRAINT ledger_one_check CHECK (one)
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

CREATE TABLE refusals (
    source ident NOT NULL,
    id ident NOT NULL,
    hash bytea NOT NULL,
    kind text NOT NULL,
    actor ident NOT NULL,
    on_behalf_of ident NOT NULL,
    at timestamp with time zone NOT NULL,
    account ident NOT NULL,
    no bigint DEFAULT nextval('ledger_no'::regclass) NOT NULL,
    reason text DEFAULT 'id_reused'::text NOT NULL,
    detail text DEFAULT 'the id was used before for other content'::text NOT NULL
);

CREATE TABLE restores (
    restored_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    first_seq bigint NOT NULL,
    first_no bigint NOT NULL,
    released_at timestamp with time zone
);

CREATE VIEW reuses AS
 SELECT refusals.source,
    refusals.id,
    refusals.hash,
    refusals.kind,
    refusals.actor,
    refusals.on_behalf_of,
    refusals.at,
    refusals.account,
    refusals.no
   FROM refusals;

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

CREATE TABLE source_keys (
    source ident NOT NULL,
    key_id ident NOT NULL,
    inner_key bytea,
    outer_key bytea,
    added_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT source_keys_check CHECK ((((revoked_at IS NULL) = (inner_key IS NOT NULL)) AND ((revoked_at IS NULL) = (outer_key IS NOT NULL)))),
    CONSTRAINT source_keys_inner_key_check CHECK ((octet_length(inner_key) = 64)),
    CONSTRAINT source_keys_outer_key_check CHECK ((octet_length(outer_key) = 64))
);

CREATE TABLE source_tokens (
    source ident NOT NULL,
    token_id ident NOT NULL,
    hash bytea,
    added_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT source_tokens_check CHECK (((revoked_at IS NULL) = (hash IS NOT NULL))),
    CONSTRAINT source_tokens_hash_check CHECK ((octet_length(hash) = 32))
);

CREATE TABLE sources (
    source ident NOT NULL,
    scopes text[] NOT NULL,
    account ident NOT NULL,
    added_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
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

CREATE TABLE webhook_secrets (
    webhook ident NOT NULL,
    secret bytea NOT NULL,
    CONSTRAINT webhook_secrets_secret_check CHECK ((octet_length(secret) >= 24))
);

CREATE TABLE webhooks (
    webhook ident NOT NULL,
    url text NOT NULL,
    types text[] NOT NULL,
    account ident NOT NULL,
    state text DEFAULT 'active'::text NOT NULL,
    cursor_no bigint NOT NULL,
    cursor_n bigint NOT NULL,
    token bigint DEFAULT 0 NOT NULL,
    next_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    attempts bigint DEFAULT 0 NOT NULL,
    failing_since timestamp with time zone,
    error text DEFAULT ''::text NOT NULL,
    delivered bigint DEFAULT 0 NOT NULL,
    delivered_at timestamp with time zone,
    added_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT webhooks_state_check CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'dead'::text])))
);

CREATE SEQUENCE webhooks_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

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

ALTER TABLE ONLY ledger
    ADD CONSTRAINT ledger_pkey PRIMARY KEY (one);

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

ALTER TABLE ONLY refusals
    ADD CONSTRAINT refusals_pkey PRIMARY KEY (source, id, hash);

ALTER TABLE ONLY restores
    ADD CONSTRAINT restores_pkey PRIMARY KEY (restored_at);

ALTER TABLE ONLY seat_changes
    ADD CONSTRAINT seat_changes_pkey PRIMARY KEY (subscription, no, n);

ALTER TABLE ONLY sellers
    ADD CONSTRAINT sellers_pkey PRIMARY KEY (seller);

ALTER TABLE ONLY source_keys
    ADD CONSTRAINT source_keys_pkey PRIMARY KEY (source, key_id);

ALTER TABLE ONLY source_tokens
    ADD CONSTRAINT source_tokens_hash_key UNIQUE (hash);

ALTER TABLE ONLY source_tokens
    ADD CONSTRAINT source_tokens_pkey PRIMARY KEY (source, token_id);

ALTER TABLE ONLY sources
    ADD CONSTRAINT sources_pkey PRIMARY KEY (source);

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

ALTER TABLE ONLY webhook_secrets
    ADD CONSTRAINT webhook_secrets_pkey PRIMARY KEY (webhook);

ALTER TABLE ONLY webhooks
    ADD CONSTRAINT webhooks_pkey PRIMARY KEY (webhook);

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

CREATE INDEX licenses_due_by_account ON licenses USING btree (next_due_at, account, license) WHERE (next_due_at IS NOT NULL);

CREATE INDEX licenses_open ON licenses USING btree (account, product, expires_on, starts_on, no, license) WHERE is_open;

CREATE INDEX links_by_source ON links USING btree (source, account);

CREATE INDEX lots_by_account ON lots USING btree (account, no, lot);

CREATE INDEX lots_due_by_account ON lots USING btree (next_due_at, account, lot) WHERE (next_due_at IS NOT NULL);

CREATE INDEX lots_open ON lots USING btree (account, product, expires_on, purchased_on, no, lot) WHERE is_open;

CREATE INDEX mail_by_recipient ON mail USING btree (recipient, no, n);

CREATE INDEX mail_due ON mail USING btree (next_at, no, n) WHERE waits;

CREATE INDEX orders_by_account ON orders USING btree (account, no, order_id);

CREATE INDEX orders_by_purchase_order ON orders USING btree (account, purchase_order, no, order_id) WHERE (purchase_order <> ''::text);

CREATE INDEX orders_by_request ON orders USING btree (account, requested_at);

CREATE INDEX orders_by_state ON orders USING btree (account, state, no, order_id);

CREATE INDEX pending_by_next ON pending USING btree (next_at, seq) WHERE ((dead_at IS NULL) AND (next_at IS NOT NULL));

CREATE INDEX refusals_by_account ON refusals USING btree (account, no);

CREATE INDEX resellers_by_parent ON accounts USING btree (parent) WHERE (kind = 'reseller'::text);

CREATE INDEX seat_changes_by_day ON seat_changes USING btree (subscription, effective_on);

CREATE INDEX subscriptions_by_account ON subscriptions USING btree (account, no, subscription);

CREATE INDEX subscriptions_by_contract ON subscriptions USING btree (contract, account, subscription);

CREATE INDEX subscriptions_due_by_account ON subscriptions USING btree (next_due_at, account, subscription) WHERE (next_due_at IS NOT NULL);

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

CREATE TRIGGER append_only BEFORE UPDATE ON refusals FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON seat_changes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON term_prices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER append_only_whole BEFORE DELETE OR TRUNCATE ON refusals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE ONLY source_keys
    ADD CONSTRAINT source_keys_source_fkey FOREIGN KEY (source) REFERENCES sources(source);

ALTER TABLE ONLY source_tokens
    ADD CONSTRAINT source_tokens_source_fkey FOREIGN KEY (source) REFERENCES sources(source);

ALTER TABLE ONLY webhook_secrets
    ADD CONSTRAINT webhook_secrets_webhook_fkey FOREIGN KEY (webhook) REFERENCES webhooks(webhook) ON DELETE CASCADE;
