SELECT product, quantity, from_holding, to_holding FROM movements WHERE no = $1 ORDER BY n LIMIT $2::bigint
