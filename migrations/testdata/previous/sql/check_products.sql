-- What was issued is in stock, licensed or expired.
WITH moved AS (
    SELECT product,
           sum(quantity) FILTER (WHERE from_holding = 'issued') AS issued,
           sum(quantity) FILTER (WHERE to_holding = 'expired') AS expired
    FROM movements GROUP BY product
), stock AS (
    SELECT product, sum(remaining) AS n FROM lots GROUP BY product
), licensed AS (
    SELECT product, sum(quantity) AS n FROM licenses WHERE NOT expired GROUP BY product
), totals AS (
    SELECT product, coalesce(m.issued, 0) AS issued, coalesce(s.n, 0) AS stock,
           coalesce(l.n, 0) AS licensed, coalesce(m.expired, 0) AS expired
    FROM moved AS m FULL JOIN stock AS s USING (product) FULL JOIN licensed AS l USING (product)
)
SELECT format('product %s: %s issued, but %s in stock + %s licensed + %s expired', product, issued, stock, licensed, expired)
FROM totals
WHERE issued <> stock + licensed + expired
ORDER BY product;
