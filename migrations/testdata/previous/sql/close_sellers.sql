-- Sellers with months to invoice, or of which they are to be told.
SELECT seller FROM closes_to_try
UNION
SELECT seller FROM closes_to_tell
ORDER BY seller;
