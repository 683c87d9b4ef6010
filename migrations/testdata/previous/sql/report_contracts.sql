-- A contract is seen by its reseller and that reseller's customers.
SELECT c.contract, c.seller, c.reseller, c.status, c.starts_on, c.ends_on, c.currency, c.time_zone, c.create_permission,
       (SELECT coalesce(json_agg(json_build_object('product', offer.terms ->> 'product', 'name', p.name, 'package', p.package,
                                                   'prices', offer.terms -> 'prices') ORDER BY offer.n), '[]')
        FROM jsonb_array_elements(c.products) WITH ORDINALITY AS offer (terms, n)
        LEFT JOIN products AS p ON p.product = offer.terms ->> 'product')
FROM contracts AS c
WHERE c.reseller IN (SELECT CASE kind WHEN 'customer' THEN parent ELSE account END FROM accounts WHERE account = $1)
  AND c.contract > $2
ORDER BY c.contract
LIMIT $3::bigint
