SELECT kind, at, reason, detail FROM refusals WHERE source = $1 AND id = $2 ORDER BY no DESC LIMIT 1;
