INSERT INTO taxes (country, category, from_on, rate, changed_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (country, category, from_on) DO UPDATE SET
    rate = excluded.rate,
    changed_at = excluded.changed_at;
