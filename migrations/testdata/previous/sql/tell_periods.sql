SELECT period FROM closes_to_tell WHERE seller = $1 ORDER BY period;
