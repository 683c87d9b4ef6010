SELECT seq, kind, hash FROM commands WHERE source = $1 AND id = $2;
