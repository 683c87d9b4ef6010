package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/licenseledger/licenseledger/internal/mutant"
)

// repair lets asynq do again what it could not write to Redis: that a task is
// done, to be retried or archived. It keeps such a write to repeat it every five
// seconds, but with a context that it has cancelled by then, so that no
// repetition ever succeeds and the task runs again a minute later (v0.26.0,
// processor.go). All its writes are scripts, and it cancels none on purpose.
type repair struct{}

// repeatTimeout is what asynq's own first attempt has at least: its lease lasts longer.
const repeatTimeout = 3 * time.Second

func withRepair(client redis.UniversalClient) redis.UniversalClient {
	if !mutant.Lacks("repair") {
		client.AddHook(repair{})
	}
	return client
}

// DialHook leaves connecting as it is.
func (repair) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessPipelineHook leaves pipelines as they are.
func (repair) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook gives a cancelled script a moment of its own.
func (repair) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		script := cmd.Name() == "eval" || cmd.Name() == "evalsha"
		if !script || !errors.Is(ctx.Err(), context.Canceled) {
			return next(ctx, cmd)
		}
		again, cancel := context.WithTimeout(context.WithoutCancel(ctx), repeatTimeout)
		defer cancel()
		return next(again, cmd)
	}
}
