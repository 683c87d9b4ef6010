UPDATE clock SET business_now = $1 WHERE test AND business_now < $1;
