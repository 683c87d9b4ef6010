UPDATE closes SET state = $3, detail = $4, closed_at = $5 WHERE contract = $1 AND period = $2;
