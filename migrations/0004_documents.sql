-- +goose Up

-- The invoice as it was made: its documents follow from it. NULL in those made
-- before, which have their JSON and CSV and nothing more.
ALTER TABLE invoices ADD content bytea;
ALTER TABLE invoices ALTER content SET STORAGE EXTERNAL;

-- Invoices whose documents are still to be made. Their mails, numbered mail_no,
-- mail_from to mail_to, wait for them.
CREATE TABLE undocumented (
    contract  ident NOT NULL,
    period    date NOT NULL,
    mail_no   bigint NOT NULL,
    mail_from bigint NOT NULL,
    mail_to   bigint NOT NULL,
    attempts  bigint NOT NULL DEFAULT 0,
    next_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    error     text NOT NULL DEFAULT '',
    PRIMARY KEY (contract, period)
);
CREATE INDEX undocumented_due ON undocumented (next_at);

-- What an invoice waits for, when it was last tried, and what the seller has been told.
ALTER TABLE closes ADD country text NOT NULL DEFAULT '';
ALTER TABLE closes ADD rate_on date;
ALTER TABLE closes ADD tried_at timestamptz;
ALTER TABLE closes ADD told text NOT NULL DEFAULT '';
UPDATE closes SET told = state WHERE state <> 'sealed';
CREATE INDEX closes_untold ON closes (seller, period) WHERE told <> state;
CREATE INDEX billing_of_seller ON billing (seller, next_close_at);

-- Months to invoice. One that could not be is tried again as soon as the rate it
-- lacked is there, and now and then in case something else was put right.
CREATE VIEW closes_to_try AS
SELECT contract, period, seller, due_at, state, detail
FROM closes AS c
WHERE state <> 'done'
  AND (tried_at IS NULL OR tried_at < clock_timestamp() - interval '10 minutes'
       OR EXISTS (SELECT FROM taxes AS t
                  WHERE replace(t.country, 'EL', 'GR') = replace(c.country, 'EL', 'GR') AND t.category = 'S' AND t.from_on <= c.rate_on));

-- Months of sellers with news, when all their contracts have been looked at, in
-- every zone. Two days before the instant at which a month closes it is that month
-- everywhere.
CREATE VIEW closes_to_tell AS
SELECT seller, period
FROM (SELECT DISTINCT seller, period FROM closes WHERE told <> state) AS news
WHERE period < (SELECT coalesce(date_trunc('month', (min(next_close_at) - interval '2 days') AT TIME ZONE 'UTC')::date, 'infinity')
                FROM billing AS b WHERE b.seller = news.seller)
  AND NOT EXISTS (SELECT FROM closes AS c WHERE c.seller = news.seller AND c.period = news.period AND c.state = 'sealed');
