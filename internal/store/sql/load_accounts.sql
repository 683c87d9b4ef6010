-- The given accounts and all above them.
WITH RECURSIVE path AS (
    SELECT a.* FROM accounts AS a WHERE a.account = ANY ($1::text[])
    UNION
    SELECT a.* FROM (SELECT DISTINCT parent FROM path) AS p JOIN accounts AS a ON a.account = p.parent
)
SELECT account, kind, parent, name, address, vat_number, package, trial, status, locale, purchase_link, used, changed_at FROM path;
