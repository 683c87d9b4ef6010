SELECT country, category, from_on, rate, changed_at FROM taxes;
