-- A learner holds a product once.
SELECT a.*
FROM (SELECT unnest($1::text[]) AS account, unnest($2::text[]) AS product, unnest($3::text[]) AS learner) AS key
CROSS JOIN LATERAL (
    SELECT allocation, account, product, learner, license, ended_on, no, changed_at
    FROM allocations
    WHERE account = key.account AND product = key.product AND learner = key.learner AND ended_on IS NULL
    LIMIT 1
) AS a;
