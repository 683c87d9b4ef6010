-- By state: mails that wait, as many as are counted, and the latest commands and
-- mails of any state. Counting all of either would read tables that only grow.
SELECT 'waiting mail' AS what, state, count(*)
FROM (SELECT state FROM mail WHERE waits LIMIT $1::bigint) AS m
GROUP BY state
UNION ALL
SELECT 'mail', state, count(*)
FROM (SELECT state FROM mail ORDER BY no DESC, n DESC LIMIT $2::bigint) AS m
GROUP BY state
UNION ALL
SELECT 'commands', coalesce(o.status, CASE WHEN p.dead_at IS NULL THEN 'waiting' ELSE 'dead' END), count(*)
FROM (SELECT seq FROM commands ORDER BY seq DESC LIMIT $2::bigint) AS c
LEFT JOIN pending AS p USING (seq)
LEFT JOIN outcomes AS o USING (seq)
GROUP BY 2
