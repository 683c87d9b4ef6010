package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// filled makes a ledger beside the worker's, of which each measurement uses a copy.
func (b *bench) filled(ctx context.Context, name string, fill func(context.Context, *pgx.Conn, int) error, n int) error {
	databaseURL, err := b.peerDatabase(ctx, name)
	if err != nil {
		return err
	}
	return onConn(ctx, databaseURL, func(conn *pgx.Conn) error { return fill(ctx, conn, n) })
}

// onCopy does something with a copy of a filled ledger.
func (b *bench) onCopy(ctx context.Context, name string, do func(databaseURL string) error) error {
	return onConn(ctx, b.databaseURL, func(conn *pgx.Conn) (err error) {
		databaseURL, err := b.urlOf(name + "_copy")
		if err != nil {
			return err
		}
		quoted := pgx.Identifier{name + "_copy"}.Sanitize()
		for _, sql := range []string{"CREATE DATABASE " + quoted + " TEMPLATE " + pgx.Identifier{name}.Sanitize(), "CHECKPOINT"} {
			if _, err := conn.Exec(ctx, sql); err != nil {
				return fmt.Errorf("copying the ledger %s: %w", name, err)
			}
		}
		defer func() {
			_, dropped := conn.Exec(context.WithoutCancel(ctx), "DROP DATABASE "+quoted+" WITH (FORCE)")
			err = errors.Join(err, dropped)
		}()
		return do(databaseURL)
	})
}

func onConn(ctx context.Context, databaseURL string, do func(*pgx.Conn) error) (err error) {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	return do(conn)
}

// errOtherRows says that what was compared did not do the same.
var errOtherRows = errors.New("plain SQL has left other rows than the ledger")

func sameRows(ledger, plain string) error {
	if ledger != plain {
		return fmt.Errorf("%w: %s and %s", errOtherRows, ledger, plain)
	}
	return nil
}

// inTransaction sends a batch as one transaction.
func inTransaction(ctx context.Context, conn *pgx.Conn, fill func(*pgx.Batch)) error {
	batch := &pgx.Batch{}
	batch.Queue("BEGIN")
	fill(batch)
	batch.Queue("COMMIT")
	return conn.SendBatch(ctx, batch).Close()
}

// forgetPeak lets the kernel measure this process's largest resident memory anew.
func forgetPeak() error {
	debug.FreeOSMemory()
	return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// peakMiB is what a process had in memory at most.
func peakMiB(process string) (float64, error) {
	kib, err := strconv.ParseFloat(firstMatch("/proc/"+process+"/status", `(?m)^VmHWM:\s*(\d+) kB`), 64)
	return kib / 1024, err
}
