-- As the report, the newest first, and before a number.
SELECT coalesce(o.at, e.at),
       CASE coalesce(c.source, e.source) WHEN 'default' THEN '' ELSE coalesce(c.source, e.source) || '~' END || coalesce(c.id, e.id),
       coalesce(c.kind, e.kind), nullif(coalesce(c.actor, e.actor), ''), nullif(coalesce(c.on_behalf_of, e.on_behalf_of), ''),
       coalesce(o.status, 'rejected'), nullif(coalesce(o.reason, e.reason), ''),
       nullif(CASE coalesce(o.status, 'rejected') WHEN 'rejected' THEN coalesce(o.detail, e.detail) ELSE o.summary END, ''),
       nullif(c.body ->> 'note', ''), e.no::text
FROM (
    (SELECT h.no, h.seq, NULL::timestamptz AS at, NULL AS source, NULL AS id, NULL AS kind, NULL AS actor, NULL AS on_behalf_of, NULL AS reason, NULL AS detail
     FROM history AS h
     WHERE h.account = $1 AND h.no < $2
     ORDER BY h.no DESC
     LIMIT $3::bigint)
    UNION ALL
    (SELECT r.no, NULL, r.at, r.source, r.id, r.kind, r.actor, r.on_behalf_of, r.reason, r.detail
     FROM refusals AS r
     WHERE r.account = $1 AND r.no < $2
     ORDER BY r.no DESC
     LIMIT $3::bigint)
    ORDER BY no DESC
    LIMIT $3::bigint
) AS e
LEFT JOIN outcomes AS o ON o.seq = e.seq
LEFT JOIN commands AS c ON c.seq = e.seq
ORDER BY e.no DESC
