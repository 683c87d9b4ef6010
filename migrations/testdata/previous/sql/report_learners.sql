-- Each learner gives at least one row, so a page needs no more learners than rows.
SELECT l.learner, l.status, a.product, a.license, b.expires_on
FROM (
    SELECT account, learner, status
    FROM learners
    WHERE account = $1 AND learner >= $2
    ORDER BY learner
    LIMIT $4::bigint + 1
) AS l
LEFT JOIN allocations AS a ON a.account = l.account AND a.learner = l.learner AND a.ended_on IS NULL
LEFT JOIN licenses AS b ON b.license = a.license
WHERE (l.learner, coalesce(a.product::text, '') COLLATE "C") > ($2, $3::text)
ORDER BY l.learner, coalesce(a.product::text, '') COLLATE "C"
LIMIT $4::bigint
