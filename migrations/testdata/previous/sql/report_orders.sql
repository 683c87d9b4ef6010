SELECT o.order_id, o.kind, o.contract, o.account, o.product, o.quantity, nullif(o.purchase_order, ''), nullif(o.note, ''),
       o.state, o.requested_at, nullif(o.requested_by, ''), o.assigned_at
FROM orders AS o
JOIN contracts AS c USING (contract)
WHERE o.account = $1 AND (o.no, o.order_id) > ($2, $3::text)
  AND ($5::text = '' OR o.state = $5)
  -- A day around the dates finds the rows by index; the zone decides.
  AND ($6::date IS NULL OR o.requested_at >= $6::date - interval '1 day')
  AND ($7::date IS NULL OR o.requested_at < $7::date + interval '2 days')
  AND ($6::date IS NULL OR (o.requested_at AT TIME ZONE c.time_zone)::date >= $6)
  AND ($7::date IS NULL OR (o.requested_at AT TIME ZONE c.time_zone)::date <= $7)
  AND ($8::text = '' OR o.purchase_order = $8)
ORDER BY o.no, o.order_id
LIMIT $4::bigint
