SELECT EXISTS (SELECT FROM sources WHERE source = $1), signature_valid($1, $2, $3, $4);
