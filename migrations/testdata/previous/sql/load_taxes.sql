-- All of them: there are few, and a seller that moves needs those of another country.
SELECT country, category, from_on, rate, changed_at FROM taxes;
