// Package seeded fills an empty ledger with plain SQL, as commands would have
// left it, to measure what happens by itself at sizes. Its clock is a test
// clock, which stands at the instant at which everything falls due.
package seeded

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Seller invoices all contracts.
const Seller = "seller"

// PerContract is how many subscriptions a contract has, and LinesEach how many
// lines each of them has on an invoice.
const (
	PerContract = 50
	LinesEach   = 3
)

// Close makes a ledger in which the month of so many flexible subscriptions
// ends, with three changes of seats each, fifty of them under each contract.
func Close(ctx context.Context, conn *pgx.Conn, subscriptions int) error {
	contracts := subscriptions / PerContract
	return run(ctx, conn, append(catalog(contracts, subscriptions/10),
		fmt.Sprintf(`INSERT INTO subscriptions (subscription, contract, account, product, plan, seats, cap, starts_on, term, term_starts_on, renewal, state, no, changed_at)
			SELECT 'S-' || i, 'C-' || (i %% %d + 1), 'customer-' || i / 10, 'pro', 'flexible', 12, 100, '2026-10-05', 1, '2026-10-05', '', 'running', i + 1, '2026-11-20T10:00:00Z'
			FROM generate_series(0, %d) AS i`, contracts, subscriptions-1),
		`INSERT INTO seat_changes (subscription, effective_at, effective_on, no, n, delta, seats_after, unit_price)
			SELECT subscription, at, at::date, s.no * 3 + step, 1, delta, after, 12.5 FROM subscriptions AS s,
				(VALUES (0, '2026-10-05T10:00:00Z'::timestamptz, 10, 10), (1, '2026-11-10T10:00:00Z', 5, 15), (2, '2026-11-20T10:00:00Z', -3, 12)) AS c (step, at, delta, after)`,
	))
}

// Expire makes a ledger in which so many batches of licenses come to their end.
func Expire(ctx context.Context, conn *pgx.Conn, licenses int) error {
	customers := max(1000, licenses/100)
	return run(ctx, conn, append(catalog(1, customers),
		fmt.Sprintf(`INSERT INTO licenses (license, account, product, contract, quantity, deployed, allocated, starts_on, expires_on, no, changed_at, next_due_at)
			SELECT 'L-' || i, 'customer-' || i %% %d, 'pro', 'C-1', 5, 0, 0, '2025-12-01', '2026-12-01', i + 1, '2025-12-01T10:00:00Z', '2026-12-01T00:00:00Z'
			FROM generate_series(0, %d) AS i`, customers, licenses-1),
		`INSERT INTO movements (no, n, product, quantity, from_holding, to_holding, at)
			SELECT no, 1, 'pro', 5, 'issued', license, changed_at FROM licenses`,
		`UPDATE billing SET next_close_at = '2027-01-01'`,
	))
}

// catalog is one reseller with contracts and customers, and nothing else.
func catalog(contracts, customers int) []string {
	return []string{
		`UPDATE clock SET test = true, business_now = '2026-12-01T00:00:00Z'`,
		`INSERT INTO sellers (seller, name, address, vat_number, currency, email, finance_email, invoice_prefix, iban, bic, changed_at)
			VALUES ('` + Seller + `', 'Seller Ltd', '{"line1":"1 Quay","city":"Dublin","postal_code":"D01","country":"IE"}', 'IE6388047V', 'EUR', 'a@s.example', 'f@s.example', 'V-', 'IE29AIBK93115212345678', 'AIBKIE2D', now())`,
		`INSERT INTO taxes (country, category, from_on, rate, changed_at) VALUES ('IE', 'S', '2020-01-01', 23, now())`,
		`INSERT INTO products (product, name, package, term_months, used, changed_at) VALUES ('pro', 'Professional', 'professional', 12, true, now())`,
		`INSERT INTO accounts (account, kind, parent, name, address, vat_number, package, trial, status, locale, purchase_link, used, changed_at)
			VALUES ('reseller', 'reseller', '', 'Reseller Ltd', '{"line1":"2 Quay","city":"Dublin","postal_code":"D02","country":"IE"}', '', '', false, 'active', 'en', '', true, now())`,
		fmt.Sprintf(`INSERT INTO contracts (contract, seller, reseller, status, starts_on, currency, time_zone, day_count, payment_terms_days,
				purchase_order_required, minimum_quantity, finance_emails, create_permission, products, used, changed_at)
			SELECT 'C-' || i, '%s', 'reseller', 'active', '2026-01-01', 'EUR', 'Europe/Dublin', 'start_of_day', 30, false, 1, '{f@r.example}', '{}',
				'[{"product":"pro","prices":{"flexible":"12.50"}}]', true, now() FROM generate_series(1, %d) AS i`, Seller, contracts),
		`INSERT INTO contract_prices SELECT contract, '2026-01-01', row_number() OVER (), products FROM contracts`,
		`INSERT INTO billing (contract, seller, next_close_at) SELECT contract, seller, '2026-12-01T00:00:00Z' FROM contracts`,
		fmt.Sprintf(`INSERT INTO accounts (account, kind, parent, name, address, vat_number, package, trial, status, locale, purchase_link, used, changed_at)
			SELECT 'customer-' || i, 'customer', 'reseller', 'Customer ' || i, '{"line1":"1 Road","city":"Cork","postal_code":"T12","country":"IE"}', '', 'professional', false, 'active', 'en', '', true, now()
			FROM generate_series(0, %d) AS i`, customers-1),
	}
}

// run ends with a ledger that Postgres knows well and has nothing left to do for.
func run(ctx context.Context, conn *pgx.Conn, statements []string) error {
	for _, sql := range append(statements, `SELECT setval('ledger_no', 1000000000)`, `VACUUM ANALYZE`, `CHECKPOINT`) {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("filling the ledger: %w\n%s", err, sql)
		}
	}
	return nil
}
