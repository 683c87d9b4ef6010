UPDATE subscriptions
SET next_due_at = $2
WHERE contract = $1 AND plan = 'flexible' AND state = 'running' AND next_due_at IS DISTINCT FROM $2;
