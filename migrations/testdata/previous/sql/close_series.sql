INSERT INTO number_series (seller, last) VALUES ($1, 0) ON CONFLICT (seller) DO NOTHING;
