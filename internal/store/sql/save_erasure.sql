-- Only what has been decided: a command that waits is still to put the name.
UPDATE commands AS c
SET body = (c.body::jsonb - 'name')::json
WHERE c.kind = 'learner.put' AND c.body ->> 'account' = $1 AND c.body ->> 'id' = $2
  AND (SELECT p.seq FROM pending AS p WHERE p.seq = c.seq) IS NULL;
