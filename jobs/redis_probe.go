package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// probeKept is how long Redis keeps what a probe writes.
const probeKept = 10 * time.Second

// ProbeRedis says whether Redis takes writes, wherever queues are. One that is
// full answers reads as ever, so asking it something proves nothing. It returns
// when ctx ends, although the client may go on waiting for an answer.
func ProbeRedis(ctx context.Context, client redis.UniversalClient) error {
	answer := make(chan error, 1)
	go func() {
		pipe := client.Pipeline()
		for _, queue := range append([]string{CommandQueue}, queuesOn(client)...) {
			pipe.Set(ctx, "asynq:{"+queue+"}:probe", 1, probeKept) // a worker's user may write what begins with asynq:
		}
		_, err := pipe.Exec(ctx)
		answer <- err
	}()
	select {
	case err := <-answer:
		if err != nil {
			return fmt.Errorf("writing to Redis: %w", err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("writing to Redis: %w", ctx.Err())
	}
}

// RedisTrouble is what an error of ProbeRedis means for whoever runs a worker.
func RedisTrouble(err error) string {
	const meanwhile = "; commands are found in the journal, about ten seconds later"
	var answered redis.Error
	switch {
	case redis.IsOOMError(err):
		return "Redis is full and takes no writes" + meanwhile
	case errors.As(err, &answered):
		return "Redis takes no writes" + meanwhile
	}
	return "Redis cannot be reached" + meanwhile
}
