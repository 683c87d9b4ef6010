UPDATE clock SET business_now = $1;
