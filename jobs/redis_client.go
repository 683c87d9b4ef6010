package jobs

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/trace"

	"github.com/licenseledger/licenseledger/internal/traces"
)

const (
	// CommandQueue is the asynq queue of tasks that carry commands. It is apart
	// from that of doorbells, so that upstreams need no access to the latter.
	CommandQueue = "licenseledger-commands"
	// CarryPrefix begins the type of a task that carries commands; the kind
	// follows, or BatchTask.
	CarryPrefix = "carry:"

	// Headers of a signed task.
	headerSource    = "licenseledger-source"
	headerKey       = "licenseledger-key"
	headerSignature = "licenseledger-signature"
	// headerFormat says which version of this format a task has; without it, the first.
	headerFormat = "licenseledger-format"
	// taskFormat is the newest format that this version can read. A new kind, or a
	// new field of one, is a new format, which clients have to name: older workers
	// leave such a task to newer ones instead of refusing what they do not know.
	taskFormat = 1

	// carried is how many commands, and how many bytes of several, a task carries
	// at most: while it is being worked on, asynq writes it anew every few seconds.
	carried      = 100
	carriedBytes = 64 << 10
	// maxTaskBytes is the longest payload that is read.
	maxTaskBytes = MaxCatalogCommandBytes + 1
)

// RedisClient hands commands over through Redis alone, for upstreams that cannot
// reach Postgres. What it has handed over is as durable as that Redis; the
// worker writes it to the journal, and outcomes are found there.
type RedisClient struct {
	queue *asynq.Client
	redis redis.UniversalClient
	keys  Keys
}

// ConnectRedis makes a client that signs with the keys it is given. It does not connect yet.
func ConnectRedis(redisURL string, keys Keys) (*RedisClient, error) {
	client, err := OpenRedis(redisURL)
	if err != nil {
		return nil, err
	}
	return &RedisClient{queue: asynq.NewClientFromRedisClient(client), redis: client, keys: keys}, nil
}

// Close ends all connections.
func (c *RedisClient) Close() error { return c.redis.Close() }

// Send returns when Redis has all commands. After an error some may be there;
// sending them again does no harm. Their order is not kept.
func (c *RedisClient) Send(ctx context.Context, commands []Command) error {
	for i := range commands {
		if commands[i].checked == nil {
			if problems := commands[i].Check(); len(problems) > 0 {
				return fmt.Errorf("command %s: %w", commands[i].ID, problems)
			}
		}
	}
	for len(commands) > 0 {
		payload, n := pack(commands)
		kind := commands[0].Kind
		if n > 1 {
			kind = BatchTask
		}
		if err := c.enqueue(ctx, c.keys.signTask(CarryPrefix+kind, commands[0].Source, payload), n); err != nil {
			return fmt.Errorf("queueing %d commands from %s on: %w", n, commands[0].ID, lostRedis(err))
		}
		commands = commands[n:]
	}
	return nil
}

func (c *RedisClient) enqueue(ctx context.Context, task *asynq.Task, commands int) (err error) {
	ctx, end := traces.Span(ctx, "enqueue", trace.SpanKindProducer, commands)
	defer func() { end(err) }()
	ctx, heard := listen(ctx)
	_, err = c.queue.EnqueueContext(ctx, withHeaders(task, traces.Write(traces.Of(ctx))),
		asynq.Queue(CommandQueue), asynq.MaxRetry(maxRetry), asynq.Timeout(taskTimeout), asynq.TaskID(uuid.NewString()))
	if errors.Is(err, asynq.ErrTaskIDConflict) { // go-redis repeated a request whose answer was lost
		return nil
	}
	if err != nil && *heard != nil {
		return *heard
	}
	return err
}

// lostRedis marks the errors of a connection to Redis, and those of a full one.
func lostRedis(err error) error {
	if redis.IsOOMError(err) {
		return fmt.Errorf("%w: %w", ErrRedisFull, err)
	}
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, redis.ErrClosed) {
		return fmt.Errorf("%w: %w", ErrRedisUnreachable, err)
	}
	return err
}

// pack writes the first commands, all of one source, one a line.
func pack(commands []Command) (payload []byte, n int) {
	for n < min(len(commands), carried) && commands[n].Source == commands[0].Source {
		line := encode(commands[n])
		if n > 0 && len(payload)+1+len(line) > carriedBytes {
			break
		}
		if n > 0 {
			payload = append(payload, '\n')
		}
		payload = append(payload, line...)
		n++
	}
	return payload, n
}

// signTask makes a task, signed as a whole if there is a key of its source.
func (keys Keys) signTask(kind, source string, payload []byte) *asynq.Task {
	key, ok := keys[source]
	if !ok {
		return asynq.NewTask(kind, payload)
	}
	mac := key.mac(taskFields(kind, source, key.ID, payload)...)
	return asynq.NewTaskWithHeaders(kind, payload, map[string]string{
		headerSource: source, headerKey: key.ID, headerSignature: base64.RawURLEncoding.EncodeToString(mac),
	})
}

// taskFields are what is signed of a task.
func taskFields(kind, source, keyID string, payload []byte) []string {
	return []string{"licenseledger task 1", kind, source, keyID, string(payload)}
}

// unpack splits a payload into its lines, without those that are blank.
func unpack(payload []byte) [][]byte {
	var lines [][]byte
	for line := range bytes.Lines(payload) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			lines = append(lines, line)
		}
	}
	return lines
}
