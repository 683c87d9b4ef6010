package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/licenseledger/licenseledger/jobs"
)

// repeatTasks delivers tasks of old and new commands again, several times each,
// shuffled, alone and together.
func repeatTasks(ctx context.Context, w *world, h happening) error {
	rows, err := w.pool.Query(ctx, "SELECT seq FROM commands WHERE source <> '~' ORDER BY md5(seq::text || $1::text) LIMIT 60", fmt.Sprint(h.which))
	if err != nil {
		return nil //nolint:nilerr // Postgres is away as well; next time
	}
	seqs, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil //nolint:nilerr // the same
	}
	client := w.redis.client()
	defer client.Close()
	queue := asynq.NewClientFromRedisClient(client)
	chance := rand.New(rand.NewPCG(uint64(h.which), 3)) //nolint:gosec // repeatable on purpose
	for range 3 * len(seqs) {
		pack := []int64{seqs[chance.IntN(len(seqs))]}
		for chance.IntN(2) == 0 {
			pack = append(pack, seqs[chance.IntN(len(seqs))])
		}
		payload, err := json.Marshal(pack)
		if err != nil {
			return err
		}
		if _, err := queue.EnqueueContext(ctx, asynq.NewTask(jobs.BatchTask, payload, asynq.Queue(jobs.Queue))); err != nil {
			return nil //nolint:nilerr // Redis is away as well; next time
		}
	}
	return nil
}

// shiftLeases does to the leases of tasks what a worker does whose clock is
// wrong by two hours: asynq goes by the clocks of its workers. Ahead, living
// leases are over at once; behind, those of the dead last on.
func shiftLeases(ctx context.Context, w *world, h happening) error {
	shift := float64(2 * time.Hour / time.Second)
	if h.which%2 == 0 {
		shift = -shift
	}
	client := w.redis.client()
	defer client.Close()
	leases := "asynq:{" + jobs.Queue + "}:lease"
	for until := w.now().Add(h.lasts); w.now().Before(until); sleep(ctx, 20*time.Millisecond) {
		for _, id := range client.ZRange(ctx, leases, 0, -1).Val() { // nothing while Redis is away
			client.ZAddArgs(ctx, leases, redis.ZAddArgs{XX: true, Members: []redis.Z{{Score: float64(w.now().Unix()) + shift, Member: id}}})
		}
	}
	return nil
}

// flush empties Redis; if it is away, it will forget nothing now.
func (r *redisServer) flush(ctx context.Context) error {
	client := r.client()
	defer client.Close()
	_ = client.FlushAll(ctx).Err()
	return nil
}

// limit bounds the memory of Redis.
func (r *redisServer) limit(ctx context.Context, size string) error {
	client := r.client()
	defer client.Close()
	if err := client.ConfigSet(ctx, "maxmemory", size).Err(); err != nil {
		return fmt.Errorf("limiting the memory of Redis: %w", err)
	}
	return nil
}
