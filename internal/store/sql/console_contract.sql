SELECT contract, seller, reseller, status, starts_on, ends_on, currency, time_zone, create_permission,
       (SELECT coalesce(json_agg(json_build_object('product', offer.terms ->> 'product', 'name', p.name, 'package', p.package,
                                                   'prices', offer.terms -> 'prices') ORDER BY offer.n), '[]')
        FROM jsonb_array_elements(c.products) WITH ORDINALITY AS offer (terms, n)
        LEFT JOIN products AS p ON p.product = offer.terms ->> 'product')
FROM contracts AS c
WHERE contract = $1
