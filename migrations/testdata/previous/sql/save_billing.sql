-- A contract in another zone closes at other instants, but no month is left out.
INSERT INTO billing (contract, seller, next_close_at)
VALUES ($1, $2, $3)
ON CONFLICT (contract) DO UPDATE SET
    seller = excluded.seller,
    next_close_at = CASE WHEN billing.sealed_through IS NULL AND billing.next_close_at > $4
                         THEN excluded.next_close_at ELSE billing.next_close_at END;
