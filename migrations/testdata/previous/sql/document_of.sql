SELECT format, content FROM documents WHERE contract = $1 AND period = $2;
