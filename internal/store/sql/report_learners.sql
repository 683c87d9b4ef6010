SELECT l.learner, l.status, a.product, a.license, b.expires_on
FROM learners AS l
LEFT JOIN allocations AS a ON a.account = l.account AND a.learner = l.learner AND a.ended_on IS NULL
LEFT JOIN licenses AS b ON b.license = a.license
WHERE l.account = $1 AND l.learner >= $2 AND (l.learner, coalesce(a.product::text, '') COLLATE "C") > ($2, $3::text)
ORDER BY l.learner, coalesce(a.product::text, '') COLLATE "C"
LIMIT $4::bigint
