SELECT least((SELECT next_due_at FROM lots WHERE next_due_at IS NOT NULL ORDER BY next_due_at, lot LIMIT 1),
             (SELECT next_due_at FROM licenses WHERE next_due_at IS NOT NULL ORDER BY next_due_at, license LIMIT 1),
             (SELECT next_due_at FROM subscriptions WHERE next_due_at IS NOT NULL ORDER BY next_due_at, subscription LIMIT 1));
