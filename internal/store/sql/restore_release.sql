UPDATE restores SET released_at = clock_timestamp() WHERE released_at IS NULL;
