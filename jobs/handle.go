package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

const (
	// BatchTask is the type of a task that names many commands; one that names
	// one has the command's kind as its type.
	BatchTask = "batch"

	taskTimeout = time.Minute
	// maxRetry only guards against asynq's own loss: handlers fail for infrastructure alone.
	maxRetry = 25
	// Handlers wait for their batch, so there must be more of them than commands
	// in a batch of single commands.
	concurrency = 600
	// asynq's own second between looks at an empty queue is a delay people feel.
	taskCheckInterval = 5 * time.Millisecond
	// Nobody waits for what was handed over through Redis alone.
	carriedCheckInterval = 50 * time.Millisecond
)

// A task is a doorbell: it names journal rows and carries nothing else but, as
// headers, which spans they came from.
func newTask(queue, kind string, seqs []int64, headers map[string]string) *asynq.Task {
	payload, err := json.Marshal(seqs)
	if err != nil {
		panic(err) // a list of numbers
	}
	return asynq.NewTaskWithHeaders(kind, payload, headers, asynq.Queue(queue), asynq.MaxRetry(maxRetry), asynq.Timeout(taskTimeout))
}

// Server takes tasks out of Redis and has their commands executed. What asynq
// thinks of a task decides nothing: outcomes are in the journal.
type Server struct {
	bells   *asynq.Server
	carried *asynq.Server // apart: asynq looks into its queues one after the other
	batcher *Batcher
	carrier *carrier
	log     *slog.Logger
	asynq   *asynqLog
}

// NewServer makes a server on its own Redis client.
func NewServer(client redis.UniversalClient, b *Batcher, log *slog.Logger) *Server {
	client = withRepair(client)
	said := &asynqLog{log: log, redisAway: func() bool { return false }}
	config := asynq.Config{
		Concurrency:              concurrency,
		Queues:                   equally(queuesOn(client)),
		TaskCheckInterval:        taskCheckInterval,
		DelayedTaskCheckInterval: time.Second,
		ShutdownTimeout:          15 * time.Second,
		RetryDelayFunc:           retryDelay,
		IsFailure:                func(error) bool { return false }, // only infrastructure fails here
		Logger:                   said,
		LogLevel:                 asynq.WarnLevel,
	}
	bells := asynq.NewServerFromRedisClient(client, config)
	config.Queues = map[string]int{CommandQueue: 1}
	config.TaskCheckInterval = carriedCheckInterval
	return &Server{
		bells: bells, carried: asynq.NewServerFromRedisClient(client, config),
		batcher: b, carrier: &carrier{store: b.store, batcher: b, log: log}, log: log, asynq: said,
	}
}

// QuietWhile has what asynq complains about logged at debug while Redis is away:
// each of its parts says so several times a minute, and can do nothing else then.
func (s *Server) QuietWhile(redisAway func() bool) *Server {
	s.asynq.redisAway = redisAway
	return s
}

// retryDelay is short and capped: the sweeper does not wait either.
func retryDelay(n int, _ error, _ *asynq.Task) time.Duration {
	return time.Duration(min(1+n, 30))*time.Second + rand.N(time.Second) //nolint:gosec // spreads retries, guards nothing
}

// Start begins to take tasks.
func (s *Server) Start() error {
	if err := s.bells.Start(s.discreet(traced(s.handle))); err != nil {
		return fmt.Errorf("starting to take tasks from Redis: %w", err)
	}
	if err := s.carried.Start(s.discreet(traced(s.carrier.handle))); err != nil {
		s.bells.Shutdown()
		return fmt.Errorf("starting to take commands from Redis: %w", err)
	}
	return nil
}

// Shutdown takes no more tasks and waits for those under way.
func (s *Server) Shutdown() {
	var ending sync.WaitGroup
	ending.Go(s.bells.Shutdown)
	ending.Go(s.carried.Shutdown)
	ending.Wait()
}

// errAgain is all that asynq is told, which keeps it in Redis.
var errAgain = errors.New("it comes again; the worker's log says why")

// discreet keeps what went wrong with a task out of Redis: an error may quote what
// somebody wrote.
func (s *Server) discreet(handle asynq.HandlerFunc) asynq.HandlerFunc {
	return func(ctx context.Context, task *asynq.Task) (err error) {
		defer func() {
			if problem := recover(); problem != nil {
				s.log.Error("working on a task panicked; it comes again", "panic", fmt.Sprint(problem), "stack", string(debug.Stack()))
				err = errAgain
			}
		}()
		err = handle(ctx, task)
		if err == nil || errors.Is(err, asynq.SkipRetry) {
			return err
		}
		if ctx.Err() == nil {
			s.log.Warn("a task could not be worked on; it comes again", "error", err)
		}
		return errAgain
	}
}

func (s *Server) handle(ctx context.Context, task *asynq.Task) error {
	seqs, err := rungFor(task)
	if err != nil {
		return err
	}
	return s.batcher.Do(ctx, seqs)
}

// rungFor is which journal rows a task names. One that cannot be read is given
// up: the sweeper finds its rows. Who may ring may write anything: no more is read
// than a client packs into a task.
func rungFor(task *asynq.Task) (seqs []int64, err error) {
	const longestNumber = 20 // digits, with what stands between two
	if len(task.Payload()) > packSize*longestNumber+1 || json.Unmarshal(task.Payload(), &seqs) != nil || len(seqs) > packSize {
		return nil, fmt.Errorf("task %s names no journal rows: %w", task.Type(), asynq.SkipRetry)
	}
	return seqs, nil
}

// asynqLog lets asynq speak in the worker's log.
type asynqLog struct {
	log       *slog.Logger
	redisAway func() bool
}

// Debug is called by asynq, as are the others.
func (l *asynqLog) Debug(args ...any) { l.log.Debug("asynq: " + fmt.Sprint(args...)) }

// Info is not worth a line to others.
func (l *asynqLog) Info(args ...any) { l.Debug(args...) }

// Warn is for what asynq could not do.
func (l *asynqLog) Warn(args ...any) {
	if l.redisAway() {
		l.Debug(args...)
		return
	}
	l.log.Warn("asynq: " + fmt.Sprint(args...))
}

// Error is no worse here: the sweeper finds what asynq does not do.
func (l *asynqLog) Error(args ...any) { l.Warn(args...) }

// Fatal is never quiet.
func (l *asynqLog) Fatal(args ...any) { l.log.Error("asynq: " + fmt.Sprint(args...)) }
