-- What became of commands, with what their bodies do not say: columns of rows
-- that never change. OFFSET keeps the history of an account within its index by
-- account, all of which would otherwise be read for the numbers. An assignment of
-- an order that had been assigned before is left out.
SELECT o.no, o.at, o.status, o.reason, o.detail <> '' AS explained, c.source, c.id, c.kind, c.body,
       CASE WHEN o.status = 'applied' THEN o.result END AS result,
       CASE WHEN o.status <> 'applied' THEN NULL
            WHEN c.kind IN ('order.assign', 'order.reject', 'order.cancel', 'order.request', 'seats.request', 'account.put') THEN
                (SELECT json_build_object('order', x.order_id, 'account', x.account, 'contract', x.contract, 'product', x.product,
                                          'quantity', x.quantity, 'subscription', nullif(x.subscription, ''))
                 FROM orders AS x WHERE x.order_id = coalesce(c.body ->> 'order', o.result ->> 'order'))
            WHEN c.kind IN ('seats.change', 'cap.change', 'renewal.change', 'subscription.end', 'subscription.renew') THEN
                (SELECT json_build_object('account', x.account, 'contract', x.contract, 'product', x.product)
                 FROM subscriptions AS x WHERE x.subscription = c.body ->> 'subscription')
            WHEN c.kind IN ('license.renew', 'license.expire') THEN
                (SELECT json_build_object('account', x.account, 'contract', x.contract, 'product', x.product,
                                          'quantity', (SELECT sum(m.quantity) FROM movements AS m WHERE m.no = o.no AND m.to_holding = 'expired'))
                 FROM licenses AS x WHERE x.license = c.body ->> 'license')
            WHEN c.kind = 'stock.expire' THEN
                (SELECT json_build_object('account', x.account, 'contract', x.contract, 'product', x.product,
                                          'quantity', (SELECT sum(m.quantity) FROM movements AS m WHERE m.no = o.no AND m.to_holding = 'expired'))
                 FROM lots AS x WHERE x.lot = c.body ->> 'lot')
            WHEN c.kind = 'deployment.retire' THEN
                (SELECT json_build_object('account', x.account, 'owner', x.owner)
                 FROM deployments AS x WHERE x.deployment = c.body ->> 'deployment')
       END AS facts
FROM outcomes AS o
JOIN commands AS c USING (seq)
WHERE o.no >= $1 AND o.no <= $2
  AND (c.kind = ANY ($3::text[]) AND o.status = 'applied' OR $4 AND o.status = 'rejected')
  AND ($5::text = '' OR o.no IN (
      WITH RECURSIVE tree AS (
          SELECT $5::text COLLATE "C" AS account
          UNION
          SELECT a.account FROM accounts AS a JOIN tree AS t ON a.parent = t.account
      )
      SELECT h.no
      FROM tree, LATERAL (SELECT no FROM history WHERE account = tree.account AND no >= $1 AND no <= $2 OFFSET 0) AS h))
  AND NOT (c.kind = 'order.assign' AND o.status = 'applied'
           AND NOT EXISTS (SELECT FROM movements AS m WHERE m.no = o.no)
           AND NOT EXISTS (SELECT FROM orders AS x JOIN seat_changes AS s USING (subscription)
                           WHERE x.order_id = c.body ->> 'order' AND s.no = o.no))
ORDER BY o.no
LIMIT $6;
