SELECT seq, kind FROM commands WHERE source = $1 AND id = $2;
