-- What could not be made, and subscriptions that were to renew and ended: an
-- annual one does so only where it could not renew (rule 42). What has not been
-- told is of another state, and found by that.
SELECT sort, contract, country, rate_on, subscription, count(*) OVER () AS count
FROM (
    SELECT CASE country WHEN '' THEN 'failed' ELSE 'missing_rate' END AS sort, contract::text, country, rate_on, '' AS subscription
    FROM closes
    WHERE seller = $1 AND period = $2 AND told <> state AND state = 'needs_attention'
    UNION ALL
    SELECT 'ended', c.contract, '', NULL, s.subscription
    FROM closes AS c JOIN subscriptions AS s USING (contract)
    WHERE c.seller = $1 AND c.period = $2 AND c.told = '' AND c.told <> c.state
      AND s.state = 'ended' AND s.plan <> 'flexible' AND s.renewal = 'renew'
      AND s.term_ends_on >= c.period AND s.term_ends_on < c.period + interval '1 month'
) AS thing
ORDER BY sort DESC, contract, subscription
LIMIT $3;
