DELETE FROM pending WHERE seq = ANY ($1::bigint[]);
