-- An annual subscription that was to renew ends only where it could not.
SELECT subscription
FROM subscriptions
WHERE contract = $1 AND state = 'ended' AND plan <> 'flexible' AND renewal = 'renew'
  AND term_ends_on >= $2::date AND term_ends_on < ($2::date + interval '1 month')::date
ORDER BY subscription;
