SELECT contract, sealed_through FROM billing WHERE contract = ANY ($1::text[]) AND sealed_through IS NOT NULL;
