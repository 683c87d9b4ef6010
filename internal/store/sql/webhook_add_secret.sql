INSERT INTO webhook_secrets (webhook, secret) VALUES ($1, $2);
