SELECT EXISTS (SELECT FROM commands JOIN outcomes USING (seq) WHERE source = $1 AND id = $2);
