SELECT a.allocation, a.account, a.product, a.learner, a.license, a.ended_on, a.no, a.changed_at
FROM (SELECT unnest($1::text[]) AS account, unnest($2::text[]) AS product, unnest($3::text[]) AS learner) AS key
JOIN allocations AS a ON a.account = key.account AND a.product = key.product AND a.learner = key.learner
WHERE a.ended_on IS NULL;
