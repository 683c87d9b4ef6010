-- With the documents there, the mails may go. The list of contracts is how the
-- rows are found by key, also when the planner takes the table for empty.
WITH done AS (
    DELETE FROM undocumented
    WHERE contract = ANY ($1::text[]) AND (contract, period) IN (SELECT unnest($1::text[]), unnest($2::date[]))
    RETURNING mail_no, mail_from, mail_to
)
UPDATE mail SET next_at = clock_timestamp()
FROM done
WHERE mail.no = done.mail_no AND mail.n BETWEEN done.mail_from AND done.mail_to AND mail.next_at = 'infinity';
