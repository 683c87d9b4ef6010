-- Every accepted command has one outcome, or waits.
SELECT format('command %s of source %s: %s', c.id, c.source,
              CASE WHEN o.seq IS NULL THEN 'has no outcome and does not wait for one'
                   ELSE 'has an outcome and waits for one' END)
FROM commands AS c
LEFT JOIN outcomes AS o USING (seq)
LEFT JOIN pending AS p USING (seq)
WHERE (o.seq IS NULL) = (p.seq IS NULL)
UNION ALL
SELECT format('outcome %s: there is no such command', o.seq)
FROM outcomes AS o LEFT JOIN commands AS c USING (seq)
WHERE c.seq IS NULL
UNION ALL
SELECT format('waiting command %s: there is no such command', p.seq)
FROM pending AS p LEFT JOIN commands AS c USING (seq)
WHERE c.seq IS NULL
ORDER BY 1;
