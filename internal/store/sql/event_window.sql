-- How far a page looks: at $3 outcomes, whatever they are, or at all there are.
SELECT CASE count(*) WHEN $3::bigint THEN max(no) ELSE $2::bigint END
FROM (SELECT no FROM outcomes WHERE no >= $1 AND no <= $2 ORDER BY no LIMIT $3::bigint) AS seen;
