SELECT true FROM sources WHERE source = $1 FOR UPDATE;
