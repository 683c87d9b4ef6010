package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"github.com/licenseledger/licenseledger/jobs"
)

const (
	pendingTasks  = "asynq:{" + jobs.Queue + "}:pending"
	activeTasks   = "asynq:{" + jobs.Queue + "}:active"
	retriedTasks  = "asynq:{" + jobs.Queue + "}:retry"
	leasesOfTasks = "asynq:{" + jobs.Queue + "}:lease"
	taskPrefix    = "asynq:{" + jobs.Queue + "}:t:"
)

// loseDone keeps the first word that a task is done from Redis.
type loseDone struct{ lost atomic.Int64 }

func (*loseDone) DialHook(next redis.DialHook) redis.DialHook { return next }

func (*loseDone) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (h *loseDone) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		args := cmd.Args() // evalsha, the script, how many keys, the keys
		if cmd.Name() == "evalsha" && fmt.Sprint(args[2]) == "5" && args[3] == activeTasks && h.lost.CompareAndSwap(0, 1) {
			err := errors.New("the connection to Redis was lost")
			cmd.SetErr(err)
			return err
		}
		return next(ctx, cmd)
	}
}

// That a task is done is said again when Redis did not hear it. asynq alone
// would run the task again once its lease is over, after half a minute or more.
func TestDoneIsRepeated(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	lossy, err := jobs.OpenRedis(r.redisURL)
	check(t, err)
	hook := &loseDone{}
	lossy.AddHook(hook)
	r.workOn(r.databaseURL, lossy)
	r.catalog()
	if hook.lost.Load() == 0 {
		t.Fatal("no word was lost")
	}
	direct, err := jobs.OpenRedis(r.redisURL)
	check(t, err)
	defer direct.Close()
	var active int64
	for until := time.Now().Add(15 * time.Second); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		active, err = direct.LLen(t.Context(), activeTasks).Result()
		check(t, err)
		if active == 0 {
			return
		}
	}
	t.Errorf("%d tasks are still under way", active)
}

// misfortunes are what may become of tasks in Redis.
var misfortunes = []struct {
	name   string
	mangle func(*testing.T, redis.UniversalClient)
}{
	{"Redis forgets everything", func(t *testing.T, c redis.UniversalClient) {
		check(t, c.FlushDB(t.Context()).Err())
	}},
	{"taken by a worker that is gone, without a lease", func(t *testing.T, c redis.UniversalClient) {
		for range tasks(t, c) {
			check(t, c.RPopLPush(t.Context(), pendingTasks, activeTasks).Err())
		}
	}},
	{"the lease is far ahead, by a wrong clock", func(t *testing.T, c redis.UniversalClient) {
		for _, id := range tasks(t, c) {
			check(t, c.RPopLPush(t.Context(), pendingTasks, activeTasks).Err())
			check(t, c.ZAdd(t.Context(), leasesOfTasks, redis.Z{Score: float64(time.Now().Add(2 * time.Hour).Unix()), Member: id}).Err())
		}
	}},
	{"their messages are lost", func(t *testing.T, c redis.UniversalClient) {
		for _, id := range tasks(t, c) {
			check(t, c.Del(t.Context(), taskPrefix+id).Err())
		}
	}},
	{"their messages are garbage, with leases that are over", func(t *testing.T, c redis.UniversalClient) {
		for _, id := range tasks(t, c) {
			check(t, c.HSet(t.Context(), taskPrefix+id, "msg", "garbage").Err())
			check(t, c.RPopLPush(t.Context(), pendingTasks, activeTasks).Err())
			check(t, c.ZAdd(t.Context(), leasesOfTasks, redis.Z{Score: 1, Member: id}).Err())
		}
	}},
	{"archived", func(t *testing.T, c redis.UniversalClient) {
		inspector := asynq.NewInspectorFromRedisClient(c)
		_, err := inspector.ArchiveAllPendingTasks(jobs.Queue)
		check(t, err)
	}},
	{"the queue is paused", func(t *testing.T, c redis.UniversalClient) {
		check(t, asynq.NewInspectorFromRedisClient(c).PauseQueue(jobs.Queue))
	}},
	{"Redis cannot hand them out", func(t *testing.T, c redis.UniversalClient) {
		// A list where a set should be: no lease can be given.
		check(t, c.RPush(t.Context(), leasesOfTasks, "x").Err())
	}},
	{"forged, of another type, about nothing", func(t *testing.T, c redis.UniversalClient) {
		queue := asynq.NewClientFromRedisClient(c)
		for _, payload := range []string{`[]`, `[1,2,3,999999999]`, `{"seqs":1}`, `garbage`, ``} {
			_, err := queue.Enqueue(asynq.NewTask("no.such.kind", []byte(payload)), asynq.Queue(jobs.Queue))
			check(t, err)
		}
	}},
}

// tasks lists the tasks that nobody has taken.
func tasks(t *testing.T, c redis.UniversalClient) []string {
	t.Helper()
	found, err := c.LRange(t.Context(), pendingTasks, 0, -1).Result()
	check(t, err)
	if len(found) == 0 {
		t.Fatal("there are no tasks")
	}
	return found
}

// Whatever becomes of tasks in Redis, their commands are applied, once.
func TestTasksDecideNothing(t *testing.T) {
	t.Parallel()
	for _, tc := range misfortunes {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			stop := r.work(r.databaseURL)
			r.catalog()
			r.run([]jobs.Command{buyLot("lot", 100)})
			stop()
			commands := []jobs.Command{moveSome("m1", 30), moveSome("m2", 20)}
			for i := range commands {
				_, err := r.client.Do(t.Context(), commands[i:i+1], jobs.Run{Timeout: time.Second})
				check(t, err)
			}
			c, err := jobs.OpenRedis(r.redisURL)
			check(t, err)
			defer c.Close()
			tc.mangle(t, c)
			r.work(r.databaseURL)
			r.hurry()
			outcomes, err := r.client.Do(t.Context(), commands, jobs.Run{Wait: true, Timeout: 20 * time.Second})
			check(t, err)
			if got := count(outcomes); got["applied"] != 2 {
				t.Errorf("%v", got)
			}
			if left := r.number("SELECT remaining FROM lots"); left != 50 {
				t.Errorf("%d remain", left)
			}
			r.verify()
		})
	}
}

// Every task comes five times more, in any order, at two workers that reach for
// all of them: each command has the outcome it had.
func TestTasksComeAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.work(r.databaseURL)
	r.work(r.databaseURL)
	r.catalog()
	r.run([]jobs.Command{buyLot("lot", 1000)})
	c, err := jobs.OpenRedis(r.redisURL)
	check(t, err)
	defer c.Close()
	queue := asynq.NewClientFromRedisClient(c)
	var commands []jobs.Command
	for i := range 60 {
		commands = append(commands, moveSome(fmt.Sprintf("a%d", i), 2))
	}
	_, err = r.client.Do(t.Context(), commands, jobs.Run{Timeout: time.Second})
	check(t, err)
	rows, err := r.pool.Query(t.Context(), "SELECT seq FROM commands WHERE id LIKE 'a%'")
	check(t, err)
	seqs, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	check(t, err)
	for range 5 {
		for i := range seqs {
			pack := []int64{seqs[i], seqs[(i*7+3)%len(seqs)], seqs[len(seqs)-1-i]}
			payload, err := json.Marshal(pack)
			check(t, err)
			_, err = queue.Enqueue(asynq.NewTask(jobs.BatchTask, payload), asynq.Queue(jobs.Queue))
			check(t, err)
		}
	}
	outcomes, err := r.client.Do(t.Context(), commands, jobs.Run{Wait: true, Timeout: 20 * time.Second})
	check(t, err)
	for until := time.Now().Add(20 * time.Second); c.LLen(t.Context(), pendingTasks).Val() > 0 && time.Now().Before(until); {
		time.Sleep(20 * time.Millisecond)
	}
	if got := count(outcomes); got["applied"] != 60 {
		t.Errorf("%v", got)
	}
	if left := r.number("SELECT remaining FROM lots"); left != 1000-120 {
		t.Errorf("%d remain", left)
	}
	r.verify()
}

// Infrastructure that fails again and again never uses up a task's retries: the
// archive, which forgets what it holds, stays empty.
func TestNothingIsArchived(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	stop := r.work(r.databaseURL)
	r.catalog()
	stop()
	_, err := r.client.Do(t.Context(), []jobs.Command{buyLot("lot", 100)}, jobs.Run{Timeout: time.Second})
	check(t, err)
	r.rename("commands", "commands_away") // every batch fails
	stop = r.work(r.databaseURL)
	c, err := jobs.OpenRedis(r.redisURL)
	check(t, err)
	defer c.Close()
	inspector := asynq.NewInspectorFromRedisClient(c)
	for until := time.Now().Add(10 * time.Second); c.ZCard(t.Context(), retriedTasks).Val() == 0 && time.Now().Before(until); {
		time.Sleep(20 * time.Millisecond)
	}
	time.Sleep(3 * time.Second) // more attempts
	stop()
	r.rename("commands_away", "commands")
	info, err := inspector.GetQueueInfo(jobs.Queue)
	check(t, err)
	if info.Archived != 0 || info.Size == 0 {
		t.Errorf("%d archived, %d left", info.Archived, info.Size)
	}
	retried, err := inspector.ListRetryTasks(jobs.Queue)
	check(t, err)
	for _, task := range retried {
		if task.LastErr == "" || task.Retried != 0 || task.MaxRetry < 25 {
			t.Errorf("%d of %d retries used up by the infrastructure: %s", task.Retried, task.MaxRetry, task.LastErr)
		}
	}
}

func (r *rig) rename(table, to string) {
	r.t.Helper()
	_, err := r.pool.Exec(r.t.Context(), "ALTER TABLE "+table+" RENAME TO "+to)
	check(r.t, err)
}
