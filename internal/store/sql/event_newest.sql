-- The greatest number that can be seen. Numbers below it that cannot be seen yet
-- were taken before.
SELECT greatest(coalesce((SELECT max(no) FROM outcomes), 0), coalesce((SELECT max(no) FROM mail), 0));
