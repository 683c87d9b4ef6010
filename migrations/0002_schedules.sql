-- +goose Up

-- When a row falls due next: a reminder, or its end.
ALTER TABLE lots ADD next_due_at timestamptz;
ALTER TABLE licenses ADD next_due_at timestamptz;
ALTER TABLE subscriptions ADD next_due_at timestamptz;
CREATE INDEX lots_due ON lots (next_due_at, lot) WHERE next_due_at IS NOT NULL;
CREATE INDEX licenses_due ON licenses (next_due_at, license) WHERE next_due_at IS NOT NULL;
CREATE INDEX subscriptions_due ON subscriptions (next_due_at, subscription) WHERE next_due_at IS NOT NULL;

UPDATE lots AS x SET next_due_at = x.expires_on::timestamp AT TIME ZONE c.time_zone
FROM contracts AS c WHERE c.contract = x.contract AND NOT x.expired AND x.remaining > 0;
UPDATE licenses AS x SET next_due_at = x.expires_on::timestamp AT TIME ZONE c.time_zone
FROM contracts AS c WHERE c.contract = x.contract AND NOT x.expired AND x.quantity > 0;
UPDATE subscriptions AS x SET next_due_at = x.term_ends_on::timestamp AT TIME ZONE c.time_zone
FROM contracts AS c WHERE c.contract = x.contract AND x.state = 'running' AND x.term_ends_on IS NOT NULL;
UPDATE subscriptions AS x SET next_due_at = (c.ends_on + 1)::timestamp AT TIME ZONE c.time_zone
FROM contracts AS c WHERE c.contract = x.contract AND x.state = 'running' AND x.term_ends_on IS NULL AND c.ends_on IS NOT NULL;

-- The end of an annual term counts as happening during its day.
ALTER TABLE seat_changes ADD ends_term boolean NOT NULL DEFAULT false;

-- What fell due and could not be done: an operator has to look.
CREATE TABLE due_failures (
    source_table text NOT NULL,
    id           ident NOT NULL,
    name         text NOT NULL,
    due_at       timestamptz NOT NULL,
    failed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    error        text NOT NULL,
    PRIMARY KEY (source_table, id, due_at)
);
