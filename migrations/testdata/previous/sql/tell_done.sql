UPDATE closes SET told = state WHERE seller = $1 AND period = $2 AND told <> state;
