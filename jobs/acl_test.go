package jobs_test

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/licenseledger/licenseledger/jobs"
)

// aclLine is a user in docs/security.md, as a file of ACLs has it.
var aclLine = regexp.MustCompile(`(?m)^user (\w+) on (>\S+) (.*)$`)

// redisUsers makes the users that docs/security.md shows, and returns the
// addresses with which they log in.
func (r *rig) redisUsers() map[string]string {
	r.t.Helper()
	text, err := os.ReadFile("../docs/security.md")
	check(r.t, err)
	admin := r.redis(r.redisURL)
	addresses := map[string]string{}
	for _, line := range aclLine.FindAllStringSubmatch(string(text), -1) {
		name, password, rights := line[1], strings.TrimPrefix(line[2], ">"), strings.Fields(line[3])
		check(r.t, admin.Do(r.t.Context(), redisArgs("ACL", "SETUSER", name, "reset", "on", ">"+password, rights)...).Err())
		r.t.Cleanup(func() { check(r.t, admin.Do(context.Background(), "ACL", "DELUSER", name).Err()) })
		addresses[name] = strings.Replace(r.redisURL, "unix:", "unix://"+name+":"+password+"@", 1)
	}
	return addresses
}

func redisArgs(words ...any) (all []any) {
	for _, word := range words {
		if list, ok := word.([]string); ok {
			for _, w := range list {
				all = append(all, w)
			}
			continue
		}
		all = append(all, word)
	}
	return all
}

func (r *rig) redis(address string) redis.UniversalClient {
	r.t.Helper()
	client, err := jobs.OpenRedis(address)
	check(r.t, err)
	r.t.Cleanup(func() { check(r.t, client.Close()) })
	return client
}

// The users of docs/security.md can do their work, and nothing beside it. Users
// are of the whole Redis, so this test is not parallel to others like it.
func TestRedisUsers(t *testing.T) {
	r := newRig(t)
	users := r.redisUsers()
	if len(users) != 3 {
		t.Fatalf("docs/security.md shows %d users", len(users))
	}
	r.redisURL = users["ledger_worker"]
	check(t, jobs.ProbeRedis(t.Context(), r.redis(r.redisURL)))
	r.work(r.databaseURL)
	r.client = r.connect(users["ledger_client"])
	r.catalog() // rings
	keys := r.addSource("portal", "")
	r.redisURL = users["portal"]
	r.viaRedis(keys, as("portal", buyLot("1", 10)))
	r.becomes("portal", "1", "applied")
	r.verify()

	refused := map[string][]string{
		"portal": {
			"GET x", "KEYS *", "SCAN 0", "FLUSHALL", "CONFIG GET *", "DEL asynq:{licenseledger-commands}:pending", "LRANGE asynq:{licenseledger-commands}:pending 0 -1",
			"HGETALL asynq:{licenseledger-commands}:t:1", "HSET asynq:{licenseledger}:t:1 msg x", "LPUSH asynq:{licenseledger}:pending x", "HSET other x y",
			"PUBLISH asynq:cancel x", "SUBSCRIBE asynq:cancel", "ACL WHOAMI", "MONITOR",
			"EVAL return(redis.call('lpush','asynq:{licenseledger}:pending','x')) 0",
		},
		"ledger_client": {
			"GET x", "FLUSHALL", "LPUSH asynq:{licenseledger-commands}:pending x", "DEL asynq:{licenseledger}:pending", "LRANGE asynq:{licenseledger}:pending 0 -1", "KEYS *",
		},
		"ledger_worker": {"SET other x", "GET other", "FLUSHALL", "FLUSHDB", "CONFIG SET maxmemory 1", "KEYS *", "ACL LIST", "SHUTDOWN", "PUBLISH other x"},
	}
	for user, commands := range refused {
		client := r.redis(users[user])
		for _, command := range commands {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			err := client.Do(ctx, redisArgs(strings.Fields(command))...).Err()
			cancel()
			if err == nil || !strings.Contains(err.Error(), "NOPERM") && !strings.Contains(err.Error(), "can't access") {
				t.Errorf("%s may: %s (%v)", user, command, err)
			}
		}
	}
	queue := asynq.NewClientFromRedisClient(r.redis(users["portal"]))
	_, err := queue.EnqueueContext(t.Context(), asynq.NewTask("batch", []byte("[1]")), asynq.Queue(jobs.Queue))
	if err == nil || !strings.Contains(err.Error(), "NOPERM") {
		t.Errorf("portal rings the bell: %v", err)
	}
}
