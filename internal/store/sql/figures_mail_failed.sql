-- Mails given up, of the latest: no index leads to them, and the others are
-- found by the log.
SELECT count(*) FROM (SELECT state FROM mail ORDER BY no DESC, n DESC LIMIT $1) AS latest WHERE state = 'failed';
