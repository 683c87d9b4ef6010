-- Months of a seller with news, when all its contracts have been looked at, in every zone.
-- Two days before the instant at which a month closes it is that month everywhere.
SELECT c.period
FROM closes AS c
WHERE c.seller = $1 AND c.told <> c.state
  AND c.period < (SELECT coalesce(date_trunc('month', (min(next_close_at) - interval '2 days') AT TIME ZONE 'UTC')::date, 'infinity')
                  FROM billing WHERE seller = $1)
  AND NOT EXISTS (SELECT FROM closes AS open WHERE open.seller = $1 AND open.period = c.period AND open.state = 'sealed')
GROUP BY c.period
ORDER BY c.period;
