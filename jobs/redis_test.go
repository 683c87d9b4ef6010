package jobs

import (
	"reflect"
	"testing"

	"github.com/hibiken/asynq"
)

func TestRedisURLs(t *testing.T) {
	for _, c := range []struct {
		url  string
		want asynq.RedisConnOpt // nil: refused
	}{
		{"redis://:secret@queue.example:6379/3", asynq.RedisClientOpt{Addr: "queue.example:6379", Password: "secret", DB: 3, DialTimeout: dialTimeout}},
		{"unix:/run/redis.sock?db=2", asynq.RedisClientOpt{Network: "unix", Addr: "/run/redis.sock", DB: 2, DialTimeout: dialTimeout}},
		{"redis-cluster://ada:secret@a.example:7000,b.example:7001", cluster{
			Addrs: []string{"a.example:7000", "b.example:7001"}, Username: "ada", Password: "secret", DialTimeout: dialTimeout, ClusterStateReloadInterval: stateAge,
		}},
		{"redis-sentinel://ada:secret@a.example:26379,b.example:26379/queue?db=2&sentinel_user=finn&sentinel_password=other", asynq.RedisFailoverClientOpt{
			MasterName: "queue", SentinelAddrs: []string{"a.example:26379", "b.example:26379"}, DB: 2, Username: "ada", Password: "secret",
			SentinelUsername: "finn", SentinelPassword: "other", DialTimeout: dialTimeout,
		}},
		{"redis-sentinel://a.example:26379?master=queue", asynq.RedisFailoverClientOpt{
			MasterName: "queue", SentinelAddrs: []string{"a.example:26379"}, DialTimeout: dialTimeout,
		}},
		{"redis-sentinel://a.example:26379", nil},
		{"redis-sentinel://a.example:26379/queue?db=two", nil},
		{"redis-cluster://a.example:7000?tls=perhaps", nil},
		{"unix:/run/redis.sock?db=two", nil},
		{"postgres://a.example", nil},
	} {
		got, err := redisOptions(c.url)
		if c.want == nil {
			if err == nil {
				t.Errorf("%s is taken for %+v", c.url, got)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", c.url, got, err, c.want)
		}
	}
}

func TestTLSToClusterAndSentinel(t *testing.T) {
	for url, want := range map[string]bool{
		"redis-cluster://a.example:7000":                              false,
		"redis-cluster://a.example:7000?tls=false":                    false,
		"redis-cluster://a.example:7000?tls=true":                     true,
		"redis-sentinel://a.example:26379,b.example:26379/q?tls=true": true,
	} {
		options, err := redisOptions(url)
		if err != nil {
			t.Fatal(err)
		}
		if field := reflect.ValueOf(options).FieldByName("TLSConfig"); field.IsNil() == want {
			t.Errorf("%s: TLS is %v", url, !field.IsNil())
		}
	}
}

// Every node of a cluster that shares the slots out evenly gets a queue.
func TestQueuesReachEveryNode(t *testing.T) {
	const slots = 1 << 14
	for nodes := 1; nodes <= len(clusterQueues); nodes++ {
		busy := map[int]bool{}
		for _, q := range clusterQueues {
			busy[int(crc16(q))%slots*nodes/slots] = true
		}
		if len(busy) != nodes {
			t.Errorf("queues reach %d of %d nodes", len(busy), nodes)
		}
	}
}

// crc16 is that of Redis Cluster: polynomial 1021 hex, from 0.
func crc16(s string) (sum uint16) {
	for _, b := range []byte(s) {
		sum ^= uint16(b) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}

func TestQueuesOnOneRedis(t *testing.T) {
	for url, want := range map[string]int{"redis://a.example": 1, "redis-sentinel://a.example/q": 1, "redis-cluster://a.example": 8} {
		client, err := OpenRedis(url)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(queuesOn(client)); n != want {
			t.Errorf("%s: %d queues", url, n)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
}
