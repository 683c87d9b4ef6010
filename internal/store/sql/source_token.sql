SELECT source, token_id, scopes, account FROM token_holder($1);
