package jobs_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/licenseledger/licenseledger/internal/seeded"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/internal/testdb"
	"github.com/licenseledger/licenseledger/jobs"
	"github.com/licenseledger/licenseledger/notify"
)

// What happens by itself, at sizes:
//
//	go test ./jobs -run '^$' -bench 'Close|Expire' -benchtime 1x -timeout 30m
//
// The page of the benchmarks shows the figures.

// due is a ledger in which something falls due now.
func due(b *testing.B, fill func(context.Context, *pgx.Conn, int) error, n int) (*store.Store, *pgx.Conn) {
	b.Helper()
	url := testdb.URL(b)
	conn, err := pgx.Connect(b.Context(), url)
	check(b, err)
	b.Cleanup(func() { _ = conn.Close(b.Context()) })
	check(b, fill(b.Context(), conn, n))
	s, err := store.Open(b.Context(), url)
	check(b, err)
	b.Cleanup(s.Close)
	return s, conn
}

// BenchmarkCloseOfAMonth closes one month of so many subscriptions.
func BenchmarkCloseOfAMonth(b *testing.B) {
	for _, subscriptions := range []int{1_000, 10_000, 100_000} {
		b.Run(strconv.Itoa(subscriptions), func(b *testing.B) {
			s, _ := due(b, seeded.Close, subscriptions)
			forgetPeak(b)
			b.ResetTimer()
			sealed, err := s.SealMonths(b.Context(), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
			check(b, err)
			done, err := s.InvoiceSeller(b.Context(), seeded.Seller)
			b.StopTimer()
			check(b, err)
			contracts := subscriptions / seeded.PerContract
			if sealed != contracts || done.Invoices != contracts || done.Lines != seeded.LinesEach*subscriptions {
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
			s, conn := due(b, seeded.Expire, licenses)
			forgetPeak(b)
			scheduler := jobs.NewScheduler(s, slog.New(slog.DiscardHandler)).RenderWith(notify.Documents)
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
