-- +goose NO TRANSACTION
-- +goose Up

-- Only a look at next_at may use this index. Without the last condition anything
-- about commands that are not dead could, and a planner that takes them for few
-- found single ones by reading all that wait. Built beside running workers; what
-- an attempt cut off left behind is built anew.
DROP INDEX CONCURRENTLY IF EXISTS pending_by_next;
CREATE INDEX CONCURRENTLY pending_by_next ON pending (next_at, seq) WHERE dead_at IS NULL AND next_at IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS pending_due;
