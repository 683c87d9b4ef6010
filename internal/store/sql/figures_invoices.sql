-- Numbers that were given and have no invoice; months that are sealed and not
-- invoiced; invoices whose documents are not made.
SELECT (SELECT coalesce(sum(greatest(s.last, x.last) - x.issued), 0)::bigint
        FROM number_series AS s
        CROSS JOIN LATERAL (SELECT count(*) AS issued, coalesce(max(n), 0) AS last FROM invoices AS i WHERE i.seller = s.seller) AS x),
       (SELECT count(*) FROM closes WHERE state = 'sealed'),
       (SELECT count(*) FROM undocumented);
