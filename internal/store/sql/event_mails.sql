-- Invoices and closed months, by the mails that tell of them: they have the
-- number of the transaction. Of an invoice with several recipients, the first.
SELECT m.no, m.n, m.created_at AS at, m.event AS kind, m.account, m.params AS body
FROM mail AS m
WHERE (m.no, m.n) > ($1, $2) AND m.no <= $3 AND m.event = ANY ($4::text[])
  AND ($5::text = '' OR m.event = 'invoice.issued' AND m.account IN (
      WITH RECURSIVE tree AS (
          SELECT $5::text COLLATE "C" AS account
          UNION
          SELECT a.account FROM accounts AS a JOIN tree AS t ON a.parent = t.account
      )
      SELECT account FROM tree))
  AND NOT (m.event = 'invoice.issued' AND EXISTS (
      SELECT FROM mail AS b
      WHERE b.no = m.no AND b.n = m.n - 1 AND b.event = m.event AND b.params #>> '{invoice,number}' = m.params #>> '{invoice,number}'))
ORDER BY m.no, m.n
LIMIT $6;
