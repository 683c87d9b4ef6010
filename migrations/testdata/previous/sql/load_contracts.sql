SELECT contract, seller, reseller, status, starts_on, ends_on, currency, time_zone, day_count, payment_terms_days,
       purchase_order_required, minimum_quantity, max_seats_per_customer, finance_emails, create_permission, products,
       used, changed_at
FROM contracts
WHERE contract = ANY ($1::text[]);
