package jobs_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/licenseledger/licenseledger/jobs"
)

// startCluster makes a Redis Cluster of three masters with a replica each; the
// first three nodes are the masters.
func startCluster(t *testing.T) []*redisNode {
	t.Helper()
	nodes := make([]*redisNode, 6)
	for i := range nodes {
		nodes[i] = startRedis(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-port")
		if i > 0 {
			nodes[0].do("CLUSTER", "MEET", "127.0.0.1", nodes[i].port, nodes[i].bus)
		}
	}
	for i, slots := range [][2]int{{0, 5461}, {5462, 10922}, {10923, 16383}} {
		nodes[i].do("CLUSTER", "ADDSLOTSRANGE", slots[0], slots[1])
	}
	for i := range 3 {
		master, replica := nodes[i], nodes[3+i]
		id := master.do("CLUSTER", "MYID")
		eventually(t, "the replica knows its master", func() bool { return strings.Contains(replica.do("CLUSTER", "NODES"), id) })
		replica.do("CLUSTER", "REPLICATE", id)
	}
	for _, n := range nodes {
		eventually(t, "the cluster is whole", func() bool {
			return strings.Contains(n.do("CLUSTER", "INFO"), "cluster_state:ok") && strings.Count(n.do("CLUSTER", "NODES"), " connected") == len(nodes) &&
				strings.Count(n.do("CLUSTER", "NODES"), "slave") == 3
		})
	}
	for _, n := range nodes[3:] {
		eventually(t, "the replica follows", func() bool { return strings.Contains(n.do("INFO", "replication"), "master_link_status:up") })
	}
	return nodes
}

// A Redis Cluster loses a master under load, and its replica takes over.
func TestRedisCluster(t *testing.T) {
	t.Parallel()
	nodes := startCluster(t)
	r := newRigOn(t, fmt.Sprintf("redis-cluster://%s,%s", nodes[0].addr(), nodes[1].addr()))
	r.work(r.databaseURL)
	r.work(r.databaseURL)
	r.catalog()
	r.loads(4, 120, func() {
		nodes[2].kill()
		began := time.Now()
		eventually(t, "the replica has become a master", func() bool {
			return strings.Contains(nodes[5].do("INFO", "replication"), "role:master") && strings.Contains(nodes[0].do("CLUSTER", "INFO"), "cluster_state:ok")
		})
		t.Logf("the replica took over after %v", time.Since(began).Round(time.Millisecond))
	})

	client, err := jobs.OpenRedis(r.redisURL)
	check(t, err)
	defer client.Close()
	for _, queue := range jobs.ClusterQueues {
		n, err := client.Get(t.Context(), "asynq:{"+queue+"}:processed").Int()
		if err != nil || n == 0 {
			t.Errorf("queue %s has had %d tasks, %v", queue, n, err)
		}
	}
}

// startSentinels makes a master, a replica and three sentinels that watch them.
func startSentinels(t *testing.T) (master, replica *redisNode, url string) {
	t.Helper()
	sentinel := program(t, "redis-sentinel")
	master = startRedis(t)
	replica = startRedis(t, "--replicaof", "127.0.0.1", strconv.Itoa(master.port))
	eventually(t, "the replica follows", func() bool { return strings.Contains(replica.do("INFO", "replication"), "master_link_status:up") })
	var addrs []string
	var watching []*redisNode
	for range 3 {
		port := freePort(t)
		config := filepath.Join(t.TempDir(), "sentinel.conf")
		check(t, os.WriteFile(config, fmt.Appendf(nil, `port %d
bind 127.0.0.1
dir %s
sentinel monitor queue 127.0.0.1 %d 2
sentinel down-after-milliseconds queue 500
sentinel failover-timeout queue 3000
`, port, filepath.Dir(config), master.port), 0o600))
		n := &redisNode{process: launch(t, exec.Command(sentinel, config)), port: port}
		n.client = redis.NewClient(&redis.Options{Addr: n.addr()})
		t.Cleanup(func() { _ = n.client.Close() })
		addrs, watching = append(addrs, n.addr()), append(watching, n)
	}
	for _, n := range watching {
		eventually(t, "the sentinels know each other and the replica", func() bool {
			state, err := n.client.Info(t.Context(), "sentinel").Result()
			return err == nil && strings.Contains(state, "slaves=1,sentinels=3")
		})
	}
	return master, replica, "redis-sentinel://" + strings.Join(addrs, ",") + "/queue"
}

// The master that Sentinel watches is killed under load, and the replica takes over.
func TestRedisSentinel(t *testing.T) {
	t.Parallel()
	master, replica, url := startSentinels(t)
	r := newRigOn(t, url)
	r.work(r.databaseURL)
	r.work(r.databaseURL)
	r.catalog()
	r.loads(4, 120, func() {
		master.kill()
		began := time.Now()
		eventually(t, "the replica has become the master", func() bool { return strings.Contains(replica.do("INFO", "replication"), "role:master") })
		t.Logf("the replica took over after %v", time.Since(began).Round(time.Millisecond))
	})
	before := processed(t, replica)
	r.run([]jobs.Command{moveSome("after", 1)})
	eventually(t, "tasks go through the new master", func() bool { return processed(t, replica) > before })
}

func processed(t *testing.T, n *redisNode) int {
	t.Helper()
	count, err := n.client.Get(t.Context(), "asynq:{"+jobs.Queue+"}:processed").Int()
	if err != nil && !errors.Is(err, redis.Nil) {
		t.Fatal(err)
	}
	return count
}
