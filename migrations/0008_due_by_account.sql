-- +goose NO TRANSACTION
-- +goose Up

-- What is due at one instant is done account by account: then its rows, and those
-- of the account's indexes and history, lie side by side. Built beside running
-- workers; what an attempt cut off left behind is built anew.
DROP INDEX CONCURRENTLY IF EXISTS lots_due_by_account;
DROP INDEX CONCURRENTLY IF EXISTS licenses_due_by_account;
DROP INDEX CONCURRENTLY IF EXISTS subscriptions_due_by_account;
CREATE INDEX CONCURRENTLY lots_due_by_account ON lots (next_due_at, account, lot) WHERE next_due_at IS NOT NULL;
CREATE INDEX CONCURRENTLY licenses_due_by_account ON licenses (next_due_at, account, license) WHERE next_due_at IS NOT NULL;
CREATE INDEX CONCURRENTLY subscriptions_due_by_account ON subscriptions (next_due_at, account, subscription) WHERE next_due_at IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS lots_due;
DROP INDEX CONCURRENTLY IF EXISTS licenses_due;
DROP INDEX CONCURRENTLY IF EXISTS subscriptions_due;
