-- Commands in the order of their instants, refused reuses of ids among them. The
-- page is cut before the commands themselves are read.
SELECT e.at,
       CASE coalesce(c.source, e.source) WHEN 'default' THEN '' ELSE coalesce(c.source, e.source) || '~' END || coalesce(c.id, e.id),
       coalesce(c.kind, e.kind), nullif(coalesce(c.actor, e.actor), ''), nullif(coalesce(c.on_behalf_of, e.on_behalf_of), ''),
       e.status, nullif(e.reason, ''), nullif(e.summary, ''), nullif(c.body ->> 'note', ''),
       CASE WHEN c.seq IS NULL THEN e.source || '~' || e.id || '~' || e.hash
            WHEN c.source = 'default' THEN c.id
            ELSE c.source || '~' || c.id END
FROM (
    SELECT * FROM (
        SELECT o.at, h.no, '' AS tie, h.seq, o.status, o.reason,
               CASE o.status WHEN 'rejected' THEN o.detail ELSE o.summary END AS summary,
               NULL AS source, NULL AS id, NULL AS hash, NULL AS kind, NULL AS actor, NULL AS on_behalf_of
        FROM history AS h
        JOIN outcomes AS o USING (no)
        WHERE h.account = $1
        UNION ALL
        SELECT r.at, 9223372036854775807, r.source || '~' || r.id || '~' || encode(r.hash, 'hex'), NULL, 'rejected', 'id_reused',
               'id ' || r.id || ' was used before for other content',
               r.source, r.id, left(encode(r.hash, 'hex'), 16), r.kind, r.actor, r.on_behalf_of
        FROM users AS u
        JOIN reuses AS r ON r.actor = u.user_id
        WHERE u.account = $1
    ) AS entry
    WHERE (at, no, tie COLLATE "C") > ($2::timestamptz, $3::bigint, $4::text)
    ORDER BY at, no, tie COLLATE "C"
    LIMIT $5::bigint
) AS e
LEFT JOIN commands AS c USING (seq)
ORDER BY e.at, e.no, e.tie COLLATE "C"
