INSERT INTO contracts (contract, seller, reseller, status, starts_on, ends_on, currency, time_zone, day_count, payment_terms_days, purchase_order_required, minimum_quantity, max_seats_per_customer, finance_emails, create_permission, products, used, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
ON CONFLICT (contract) DO UPDATE SET
    seller = excluded.seller,
    reseller = excluded.reseller,
    status = excluded.status,
    starts_on = excluded.starts_on,
    ends_on = excluded.ends_on,
    currency = excluded.currency,
    time_zone = excluded.time_zone,
    day_count = excluded.day_count,
    payment_terms_days = excluded.payment_terms_days,
    purchase_order_required = excluded.purchase_order_required,
    minimum_quantity = excluded.minimum_quantity,
    max_seats_per_customer = excluded.max_seats_per_customer,
    finance_emails = excluded.finance_emails,
    create_permission = excluded.create_permission,
    products = excluded.products,
    used = excluded.used,
    changed_at = excluded.changed_at;
