-- The rates of the countries of the given sellers. Greece goes by two codes.
SELECT country, category, from_on, rate, changed_at
FROM taxes
WHERE country IN (SELECT unnest(CASE WHEN c IN ('GR', 'EL') THEN ARRAY['GR', 'EL'] ELSE ARRAY[c] END)
                  FROM (SELECT address ->> 'country' AS c FROM sellers WHERE seller = ANY ($1::text[])) AS s);
