SELECT min(next_close_at) FROM billing;
