-- The given accounts and all above them.
WITH RECURSIVE path AS (
    SELECT account, kind, parent, name, address, vat_number, package, trial, status, locale, purchase_link, used, changed_at
    FROM accounts
    WHERE account = ANY ($1::text[])
    UNION
    SELECT a.account, a.kind, a.parent, a.name, a.address, a.vat_number, a.package, a.trial, a.status, a.locale, a.purchase_link, a.used, a.changed_at
    FROM (SELECT DISTINCT parent FROM path) AS p JOIN accounts AS a ON a.account = p.parent
)
SELECT * FROM path;
