INSERT INTO documents (contract, period, format, sha256, content) VALUES ($1, $2, $3, $4, $5);
