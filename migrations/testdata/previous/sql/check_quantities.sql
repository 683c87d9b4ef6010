-- Nothing is negative, and nothing is used more than once.
SELECT format('lot %s: %s of %s remain', lot, remaining, quantity)
FROM lots WHERE remaining < 0 OR remaining > quantity
UNION ALL
SELECT format('license %s: %s deployed and %s allocated of %s', license, deployed, allocated, quantity)
FROM licenses WHERE quantity < 0 OR deployed < 0 OR allocated < 0 OR deployed + allocated > quantity
ORDER BY 1;
