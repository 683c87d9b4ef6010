package jobs

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// QueueFigures are what is in a queue.
type QueueFigures struct {
	Queue              string
	Tasks              map[string]int64 // by asynq's states
	OldestPendingSince time.Time        // zero: none is pending
}

// Queues reads how full the queues are. asynq's Inspector would tell more, but
// cannot be told when to give up, and asks for the size of tasks, which managed
// Redis often refuses.
func Queues(ctx context.Context, client redis.UniversalClient) ([]QueueFigures, error) {
	names := append(append([]string{}, queuesOn(client)...), CommandQueue)
	type answers struct {
		tasks  map[string]*redis.IntCmd
		oldest *redis.StringCmd
	}
	asked := make([]answers, len(names))
	pipe := client.Pipeline()
	for i, name := range names {
		key := func(state string) string { return "asynq:{" + name + "}:" + state }
		asked[i] = answers{oldest: pipe.LIndex(ctx, key("pending"), -1), tasks: map[string]*redis.IntCmd{
			"pending": pipe.LLen(ctx, key("pending")), "active": pipe.LLen(ctx, key("active")),
			"scheduled": pipe.ZCard(ctx, key("scheduled")), "retry": pipe.ZCard(ctx, key("retry")), "archived": pipe.ZCard(ctx, key("archived")),
		}}
	}
	_, _ = pipe.Exec(ctx) // each answer is looked at; an empty queue has no oldest task
	figures := make([]QueueFigures, len(names))
	for i, name := range names {
		figures[i] = QueueFigures{Queue: name, Tasks: map[string]int64{}}
		for state, answer := range asked[i].tasks {
			n, err := answer.Result()
			if err != nil {
				return nil, fmt.Errorf("looking into queue %s: %w", name, err)
			}
			figures[i].Tasks[state] = n
		}
		if id, err := asked[i].oldest.Result(); err == nil {
			figures[i].OldestPendingSince = pendingSince(ctx, client, name, id)
		}
	}
	return figures, nil
}

// pendingSince is zero for a task that has been taken meanwhile.
func pendingSince(ctx context.Context, client redis.UniversalClient, queue, id string) time.Time {
	text, err := client.HGet(ctx, "asynq:{"+queue+"}:t:"+id, "pending_since").Result()
	if err != nil {
		return time.Time{}
	}
	nanoseconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds)
}
