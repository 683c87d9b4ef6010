package jobs_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
)

// What happens by itself, at sizes:
//
//	go test ./jobs -run '^$' -bench 'Close|Expire' -benchtime 1x -timeout 30m
//
// Rows are written with plain SQL, as commands would have left them, and the
// ledger is checked afterwards.

// many is a ledger with n customers of one reseller under one contract each
// hundred customers, and nothing else.
func many(b *testing.B, contracts int) (*store.Store, *pgx.Conn) {
	b.Helper()
	url := testdb.URL(b)
	s, err := store.Open(b.Context(), url)
	check(b, err)
	b.Cleanup(s.Close)
	conn, err := pgx.Connect(b.Context(), url)
	check(b, err)
	b.Cleanup(func() { _ = conn.Close(b.Context()) })
	check(b, s.SetClockMode(b.Context(), true))
	for _, sql := range []string{
		`UPDATE clock SET business_now = '2026-11-30T12:00:00Z'`,
		`INSERT INTO sellers (seller, name, address, vat_number, currency, email, finance_email, invoice_prefix, iban, bic, changed_at)
			VALUES ('seller', 'Seller Ltd', '{"line1":"1 Quay","city":"Dublin","postal_code":"D01","country":"IE"}', 'IE6388047V', 'EUR', 'a@s.example', 'f@s.example', 'V-', 'IE29AIBK93115212345678', 'AIBKIE2D', now())`,
		`INSERT INTO taxes (country, category, from_on, rate, changed_at) VALUES ('IE', 'S', '2020-01-01', 23, now())`,
		`INSERT INTO products (product, name, package, term_months, used, changed_at) VALUES ('pro', 'Professional', 'professional', 12, true, now())`,
		`INSERT INTO accounts (account, kind, parent, name, address, vat_number, package, trial, status, locale, purchase_link, used, changed_at)
			VALUES ('reseller', 'reseller', '', 'Reseller Ltd', '{"line1":"2 Quay","city":"Dublin","postal_code":"D02","country":"IE"}', '', '', false, 'active', 'en', '', true, now())`,
		fmt.Sprintf(`INSERT INTO contracts (contract, seller, reseller, status, starts_on, currency, time_zone, day_count, payment_terms_days,
				purchase_order_required, minimum_quantity, finance_emails, create_permission, products, used, changed_at)
			SELECT 'C-' || i, 'seller', 'reseller', 'active', '2026-01-01', 'EUR', 'Europe/Dublin', 'start_of_day', 30, false, 1, '{f@r.example}', '{}',
				'[{"product":"pro","prices":{"flexible":"12.50"}}]', true, now() FROM generate_series(1, %d) AS i`, contracts),
		`INSERT INTO contract_prices SELECT contract, '2026-01-01', row_number() OVER (), products FROM contracts`,
		`INSERT INTO billing (contract, seller, next_close_at) SELECT contract, 'seller', '2026-12-01T00:00:00Z' FROM contracts`,
	} {
		_, err := conn.Exec(b.Context(), sql)
		check(b, err)
	}
	return s, conn
}

func customers(b *testing.B, conn *pgx.Conn, n int) {
	b.Helper()
	_, err := conn.Exec(b.Context(), fmt.Sprintf(`INSERT INTO accounts (account, kind, parent, name, address, vat_number, package, trial, status, locale, purchase_link, used, changed_at)
		SELECT 'customer-' || i, 'customer', 'reseller', 'Customer ' || i, '{"line1":"1 Road","city":"Cork","postal_code":"T12","country":"IE"}', '', 'professional', false, 'active', 'en', '', true, now()
		FROM generate_series(0, %d) AS i`, n-1))
	check(b, err)
}

// BenchmarkCloseOfAMonth closes one month of so many subscriptions with three
// changes of seats each, fifty of them under each contract.
func BenchmarkCloseOfAMonth(b *testing.B) {
	for _, subscriptions := range []int{1_000, 10_000, 100_000} {
		b.Run(strconv.Itoa(subscriptions), func(b *testing.B) {
			contracts := subscriptions / 50
			s, conn := many(b, contracts)
			customers(b, conn, subscriptions/10)
			for _, sql := range []string{
				fmt.Sprintf(`INSERT INTO subscriptions (subscription, contract, account, product, plan, seats, cap, starts_on, term, term_starts_on, renewal, state, no, changed_at)
					SELECT 'S-' || i, 'C-' || (i %% %d + 1), 'customer-' || i / 10, 'pro', 'flexible', 12, 100, '2026-10-05', 1, '2026-10-05', '', 'running', i + 1, '2026-11-20T10:00:00Z'
					FROM generate_series(0, %d) AS i`, contracts, subscriptions-1),
				`INSERT INTO seat_changes (subscription, effective_at, effective_on, no, n, delta, seats_after, unit_price)
					SELECT subscription, at, at::date, s.no * 3 + step, 1, delta, after, 12.5 FROM subscriptions AS s,
						(VALUES (0, '2026-10-05T10:00:00Z'::timestamptz, 10, 10), (1, '2026-11-10T10:00:00Z', 5, 15), (2, '2026-11-20T10:00:00Z', -3, 12)) AS c (step, at, delta, after)`,
				`SELECT setval('ledger_no', 1000000000)`, `VACUUM ANALYZE`, `CHECKPOINT`,
			} {
				_, err := conn.Exec(b.Context(), sql)
				check(b, err)
			}
			_, err := conn.Exec(b.Context(), `UPDATE clock SET business_now = '2026-12-01T00:00:00Z'`)
			check(b, err)
			forgetPeak(b)
			b.ResetTimer()
			sealed, err := s.SealMonths(b.Context(), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
			check(b, err)
			done, err := s.InvoiceSeller(b.Context(), "seller")
			b.StopTimer()
			check(b, err)
			if sealed != contracts || done.Invoices != contracts || done.Lines != 3*subscriptions {
				b.Fatalf("%d months sealed, %d invoices with %d lines", sealed, done.Invoices, done.Lines)
			}
			b.ReportMetric(float64(done.Lines)/b.Elapsed().Seconds(), "lines/s")
			b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(done.Lines), "µs/line")
			b.ReportMetric(peakMiB(b), "MiB")
		})
	}
}

// BenchmarkExpire closes so many batches of licenses at the end of their term.
func BenchmarkExpire(b *testing.B) {
	for _, licenses := range []int{10_000, 100_000, 1_000_000} {
		b.Run(strconv.Itoa(licenses), func(b *testing.B) {
			s, conn := many(b, 1)
			customers(b, conn, max(1000, licenses/100))
			for _, sql := range []string{
				fmt.Sprintf(`INSERT INTO licenses (license, account, product, contract, quantity, deployed, allocated, starts_on, expires_on, no, changed_at, next_due_at)
					SELECT 'L-' || i, 'customer-' || i %% %d, 'pro', 'C-1', 5, 0, 0, '2025-12-01', '2026-12-01', i + 1, '2025-12-01T10:00:00Z', '2026-12-01T00:00:00Z'
					FROM generate_series(0, %d) AS i`, max(1000, licenses/100), licenses-1),
				`INSERT INTO movements (no, n, product, quantity, from_holding, to_holding, at)
					SELECT no, 1, 'pro', 5, 'issued', license, changed_at FROM licenses`,
				`SELECT setval('ledger_no', 1000000000)`, `VACUUM ANALYZE`, `CHECKPOINT`,
			} {
				_, err := conn.Exec(b.Context(), sql)
				check(b, err)
			}
			_, err := conn.Exec(b.Context(), `UPDATE clock SET business_now = '2026-12-01T00:00:00Z'; UPDATE billing SET next_close_at = '2027-01-01'`)
			check(b, err)
			forgetPeak(b)
			scheduler := jobs.NewScheduler(s, slog.New(slog.DiscardHandler))
			b.ResetTimer()
			check(b, scheduler.Look(b.Context()))
			b.StopTimer()
			var left int
			check(b, conn.QueryRow(b.Context(), `SELECT count(*) FROM licenses WHERE NOT expired`).Scan(&left))
			if left > 0 {
				b.Fatalf("%d are left", left)
			}
			b.ReportMetric(float64(licenses)/b.Elapsed().Seconds(), "licenses/s")
			b.ReportMetric(b.Elapsed().Seconds()*1e6/float64(licenses), "µs/license")
			b.ReportMetric(peakMiB(b), "MiB")
		})
	}
}

// forgetPeak lets the kernel measure the process's largest resident memory anew.
func forgetPeak(b *testing.B) {
	b.Helper()
	check(b, os.WriteFile("/proc/self/clear_refs", []byte("5"), 0))
}

func peakMiB(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	check(b, err)
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	kib, err := strconv.ParseFloat(string(bytes.Fields(rest)[0]), 64)
	check(b, err)
	return kib / 1024
}
