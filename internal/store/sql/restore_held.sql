SELECT min(restored_at) FROM restores WHERE released_at IS NULL;
