UPDATE number_series SET last = $2 WHERE seller = $1;
