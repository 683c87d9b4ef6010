-- The months that ended first; those of other zones have other instants.
SELECT b.contract, b.seller, b.next_close_at, c.time_zone
FROM billing AS b
JOIN contracts AS c USING (contract)
WHERE b.next_close_at = (SELECT min(next_close_at) FROM billing) AND b.next_close_at <= $1
ORDER BY b.contract;
