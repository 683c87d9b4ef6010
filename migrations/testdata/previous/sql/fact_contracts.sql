SELECT contract FROM contracts WHERE contract > $1 ORDER BY contract LIMIT $2;
