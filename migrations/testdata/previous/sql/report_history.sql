-- Commands in the order in which they happened, refused reuses of ids among
-- them. The page is cut before the commands themselves are read.
SELECT coalesce(o.at, e.at),
       CASE coalesce(c.source, e.source) WHEN 'default' THEN '' ELSE coalesce(c.source, e.source) || '~' END || coalesce(c.id, e.id),
       coalesce(c.kind, e.kind), nullif(coalesce(c.actor, e.actor), ''), nullif(coalesce(c.on_behalf_of, e.on_behalf_of), ''),
       coalesce(o.status, 'rejected'), nullif(coalesce(o.reason, 'id_reused'), ''),
       CASE WHEN o.seq IS NULL THEN 'id ' || e.id || ' was used before for other content'
            ELSE nullif(CASE o.status WHEN 'rejected' THEN o.detail ELSE o.summary END, '') END,
       nullif(c.body ->> 'note', ''),
       CASE WHEN c.seq IS NULL THEN e.source || '~' || e.id || '~' || e.hash
            WHEN c.source = 'default' THEN c.id
            ELSE c.source || '~' || c.id END
FROM (
    (SELECT h.no, h.seq, NULL::timestamptz AS at, NULL AS source, NULL AS id, NULL AS hash, NULL AS kind, NULL AS actor, NULL AS on_behalf_of
     FROM history AS h
     WHERE h.account = $1 AND h.no > $2
     ORDER BY h.no
     LIMIT $3::bigint)
    UNION ALL
    (SELECT r.no, NULL, r.at, r.source, r.id, left(encode(r.hash, 'hex'), 16), r.kind, r.actor, r.on_behalf_of
     FROM reuses AS r
     WHERE r.account = $1 AND r.no > $2
     ORDER BY r.no
     LIMIT $3::bigint)
    ORDER BY no
    LIMIT $3::bigint
) AS e
LEFT JOIN outcomes AS o ON o.seq = e.seq
LEFT JOIN commands AS c ON c.seq = e.seq
ORDER BY e.no
