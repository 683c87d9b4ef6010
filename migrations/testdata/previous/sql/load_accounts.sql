-- The given accounts and all above them.
WITH RECURSIVE path AS (
    SELECT account, parent FROM accounts WHERE account = ANY ($1::text[])
    UNION
    SELECT a.account, a.parent FROM (SELECT DISTINCT parent FROM path) AS p JOIN accounts AS a ON a.account = p.parent
)
SELECT account, a.kind, a.parent, a.name, a.address, a.vat_number, a.package, a.trial, a.status, a.locale, a.purchase_link, a.used, a.changed_at
FROM path JOIN accounts AS a USING (account);
