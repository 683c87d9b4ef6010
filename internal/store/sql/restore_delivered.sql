-- What is known to have been delivered is not sent again. Its instant is not known.
UPDATE mail AS m
SET state = 'sent', token = m.token + 1, sent_at = clock_timestamp(), message_id = given.message_id,
    error = 'delivered before a restore, as the operator says'
FROM unnest($1::uuid[], $2::text[]) AS given (key, message_id)
WHERE m.key = given.key AND m.waits;
