-- What is known of something with an id of its own: $1 its sort, $2 the id. The
-- days named are the last valid ones.
SELECT account, contract, no, json_build_object('product', product, 'quantity', quantity, 'remaining', remaining, 'purchased_on', purchased_on,
       'last_valid_day', expires_on - 1, 'expired', expired) AS fields
FROM lots WHERE $1::text = 'lot' AND lot = $2
UNION ALL
SELECT account, contract, no, json_build_object('product', product, 'quantity', quantity, 'deployed', deployed, 'allocated', allocated,
       'starts_on', starts_on, 'last_valid_day', expires_on - 1, 'expired', expired)
FROM licenses WHERE $1::text = 'license' AND license = $2
UNION ALL
SELECT account, contract, no, json_build_object('kind', kind, 'product', product, 'quantity', quantity, 'purchase_order', purchase_order, 'note', note,
       'state', state, 'requested_at', requested_at, 'requested_by', requested_by, 'assigned_at', assigned_at, 'subscription', subscription)
FROM orders WHERE $1::text = 'order' AND order_id = $2
UNION ALL
SELECT account, contract, no, json_build_object('product', product, 'plan', plan, 'seats', seats, 'cap', cap, 'term_starts_on', term_starts_on,
       'last_day_of_term', term_ends_on - 1, 'renewal', renewal, 'seats_at_renewal', renewal_seats, 'state', state)
FROM subscriptions WHERE $1::text = 'subscription' AND subscription = $2
UNION ALL
SELECT owner, '', no, json_build_object('name', name, 'created_by', account, 'state', state, 'items', items)
FROM deployments WHERE $1::text = 'deployment' AND deployment = $2
