UPDATE webhooks SET state = 'paused', token = token + 1 WHERE webhook = $1;
