package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// peer is the same rows written by River's jobs, one transaction each: the job
// is completed in the transaction that writes them.
type peer struct {
	pool    *pgxpool.Pool
	workers int // that did best
	written int
	done    atomic.Int64
}

// transferArgs are a command as a job has it.
type transferArgs struct {
	N int `json:"n"`
}

func (transferArgs) Kind() string { return "stock.transfer" }

type transferWorker struct {
	river.WorkerDefaults[transferArgs]
	peer *peer
}

// Work writes what the ledger writes for a transfer, except that River's own
// table is what keeps the job until it is done.
func (w *transferWorker) Work(ctx context.Context, job *river.Job[transferArgs]) error {
	tx, err := w.peer.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	r := peerRows(job.Args.N, 1)
	batch := &pgx.Batch{}
	batch.Queue(`
		INSERT INTO commands (seq, source, id, kind, actor, on_behalf_of, preview, body, hash, accepted_at)
		SELECT $1, 'default', $2, 'stock.transfer', $3, '', '', $4::json, $5, now()`, job.ID, r.ids[0], r.actors[0], json.RawMessage(r.bodies[0]), r.hashes[0])
	queueDecision(batch, []int64{job.ID}, r)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	if _, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	w.peer.done.Add(1)
	return nil
}

// newRiver finds the number of workers that River does best with.
func (b *bench) newRiver(ctx context.Context) (*peer, error) {
	databaseURL, err := b.peerDatabase(ctx, "river")
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 80
	p := &peer{}
	if p.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, err
	}
	if _, err := p.pool.Exec(ctx, peerLots, resellers, products, lots); err != nil {
		return nil, err
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(p.pool), nil)
	if err != nil {
		return nil, err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, err
	}
	best := 0.0
	for _, workers := range []int{8, 16, 32, 64} {
		p.workers = workers
		rate, err := p.work(ctx, b, b.peers/4)
		if err != nil {
			return nil, err
		}
		if rate > best {
			best = rate
		} else {
			p.workers = workers / 2
			break
		}
	}
	return p, nil
}

// work inserts n jobs at once and waits until all are done.
func (p *peer) work(ctx context.Context, b *bench, n int) (float64, error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &transferWorker{peer: p})
	client, err := river.NewClient(riverpgxv5.New(p.pool), &river.Config{
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: p.workers}},
		Workers: workers,
		Logger:  slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		return 0, err
	}
	if err := client.Start(ctx); err != nil {
		return 0, err
	}
	p.done.Store(0)
	jobs := make([]river.InsertManyParams, n)
	for i := range jobs {
		p.written++
		jobs[i].Args = transferArgs{N: p.written}
	}
	rate, err := b.rate(n, func() error {
		if _, err := client.InsertManyFast(ctx, jobs); err != nil {
			return err
		}
		for waited := time.Duration(0); p.done.Load() < int64(n); waited += 5 * time.Millisecond {
			if waited > 5*patience {
				return fmt.Errorf("River did %d of %d jobs", p.done.Load(), n)
			}
			time.Sleep(5 * time.Millisecond)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return rate, client.Stop(ctx)
}
