SELECT period FROM charges WHERE contract = $1 AND no = $2 AND n = $3
