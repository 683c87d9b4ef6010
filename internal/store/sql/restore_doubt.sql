-- All other mail that waits may have arrived, and the record says so. What waits
-- for documents goes on waiting for them.
UPDATE mail
SET state = 'in_doubt', doubtful = true, token = token + 1, error = 'written before or during a restore; it may have arrived',
    next_at = CASE next_at WHEN 'infinity' THEN next_at ELSE clock_timestamp() END
WHERE waits;
